package io.github.describeanything.server.openai.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.server.TestServer;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.function.IntUnaryOperator;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Pixels and mask both determine the answer, whatever is cached. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MasksTest {
    private TestServer server;

    @BeforeAll
    void start() {
        server = TestServer.start("golden-joint-fp32");
    }

    @AfterAll
    void stop() {
        server.close();
    }

    /** The golden picture with each ARGB pixel mapped. */
    private static String changed(IntUnaryOperator change) throws IOException {
        BufferedImage picture = ImageIO.read(new ByteArrayInputStream(TestServer.golden("blob.png")));
        var out = new BufferedImage(picture.getWidth(), picture.getHeight(), BufferedImage.TYPE_INT_ARGB);
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                out.setRGB(x, y, change.applyAsInt(picture.getRGB(x, y)));
            }
        }
        var bytes = new ByteArrayOutputStream();
        ImageIO.write(out, "png", bytes);
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(bytes.toByteArray());
    }

    /** Text and log-probabilities, which detect smaller differences than the text. */
    private String answer(TestServer asked, String url) {
        var response = asked.post(TestServer.request(url, "", ", \"logprobs\": true"));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return TestServer.json(response).at("/choices/0").toString();
    }

    @Test
    void theSameColoursUnderTwoMasksAreTwoRequests() throws IOException {
        String first = changed(it -> it);
        String second = changed(it -> it ^ 0xFF000000);
        String one = answer(server, first);
        String other = answer(server, second);
        assertThat(other).isNotEqualTo(one);
        assertThat(answer(server, first)).isEqualTo(one);
        try (var fresh = TestServer.start("golden-joint-fp32")) {
            assertThat(answer(fresh, second)).isEqualTo(other);
        }
    }

    @Test
    void coloursOutsideTheMaskCount() throws IOException {
        String whole = answer(server, changed(it -> it));
        String cleared = answer(server, changed(it -> it >>> 24 == 0 ? 0 : it));
        assertThat(cleared).isNotEqualTo(whole);
    }

    @Test
    void everyAlphaAboveZeroIsInside() throws IOException {
        String whole = answer(server, changed(it -> it));
        assertThat(answer(server, changed(it -> it >>> 24 == 0 ? it : it & 0xFFFFFF | 1 << 24)))
                .isEqualTo(whole);
    }
}
