package io.github.describeanything.server.openai.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.MaskBox;
import io.github.describeanything.focal.region.RunLengths;
import io.github.describeanything.server.TestServer;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** With the built-in models, a click on a drawn thing gives its mask and its name. The exact masks are alpha channels. */
class BuiltInSegmenterTest {
    private static TestServer server;

    /** A picture without alpha for requests, and the exact mask of one thing in it. */
    private record Drawn(String url, Mask mask) {
        static Drawn read(String file) throws IOException {
            Path path = TestServer.root().resolve(file);
            BufferedImage image = ImageIO.read(path.toFile());
            int width = image.getWidth();
            int height = image.getHeight();
            var opaque = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
            opaque.setRGB(0, 0, width, height, image.getRGB(0, 0, width, height, null, 0, width), 0, width);
            var png = new ByteArrayOutputStream();
            ImageIO.write(opaque, "png", png);
            String url = "data:image/png;base64," + Base64.getEncoder().encodeToString(png.toByteArray());
            return new Drawn(url, Mask.ofAlpha(TestServer.READER.read(Files.readAllBytes(path))));
        }

        /** The pixel of the thing that is nearest to the middle of its box. */
        List<Integer> click() {
            MaskBox box = mask.box().orElseThrow();
            int middleX = box.x() + box.width() / 2;
            int middleY = box.y() + box.height() / 2;
            int pixel = IntStream.range(0, mask.width() * mask.height())
                    .filter(mask::get)
                    .boxed()
                    .min(Comparator.comparingInt(
                            it -> square(it % mask.width() - middleX) + square(it / mask.width() - middleY)))
                    .orElseThrow();
            return List.of(pixel % mask.width(), pixel / mask.width());
        }

        /** The box of the thing, as JSON. */
        String box() {
            MaskBox box = mask.box().orElseThrow();
            return "[%d, %d, %d, %d]".formatted(box.x(), box.y(), box.x() + box.width(), box.y() + box.height());
        }

        private static int square(int value) {
            return value * value;
        }
    }

    @BeforeAll
    static void start() {
        server = TestServer.startBuiltIn();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "docs/sample/sample-1.png",
        "docs/sample/sample-2.png",
        "src/test/resources/mini/two-masks-a.png",
        "src/test/resources/mini/two-masks-b.png",
        "src/test/resources/mini/two-masks-c.png"
    })
    void aClickOrABoxGivesTheMaskOfTheThing(String file) throws IOException {
        Drawn drawn = Drawn.read(file);
        Mask clicked = mask(drawn, "{\"points\": [%s]}".formatted(drawn.click()));
        Mask boxed = mask(drawn, "{\"box\": %s}".formatted(drawn.box()));
        assertThat(iou(clicked, drawn.mask())).as("click").isGreaterThan(0.75);
        assertThat(iou(boxed, drawn.mask())).as("box").isGreaterThan(0.8);
    }

    /** Without the removal of small pieces, the mask of the football has one at the foot of the umbrella. */
    @Test
    void aMaskHasNoPieceOfAnotherThing() throws IOException {
        byte[] page = Files.readAllBytes(TestServer.root().resolve("server/src/main/resources/page/sample.png"));
        String url = "data:image/png;base64," + Base64.getEncoder().encodeToString(page);
        MaskBox box = mask(url, "{\"points\": [[158, 375]]}").box().orElseThrow();
        assertThat(box.width()).isBetween(70, 86);
        assertThat(box.height()).isBetween(70, 86);
    }

    @ParameterizedTest
    @CsvSource({
        "docs/sample/sample-1.png, elephant",
        "docs/sample/sample-2.png, star",
        "src/test/resources/mini/two-masks-a.png, anchor",
        "src/test/resources/mini/two-masks-b.png, banana",
        "src/test/resources/mini/two-masks-c.png, crescent"
    })
    void whatIsClickedIsNamed(String file, String name) throws IOException {
        Drawn drawn = Drawn.read(file);
        String regions = ", \"regions\": [{\"points\": [%s]}]".formatted(drawn.click());
        HttpResponse<String> response = server.post(
                TestServer.request(drawn.url(), "What is it?", regions).replace("\"golden\"", "\"dam-mini\""));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(TestServer.text(response)).containsIgnoringCase(name);
    }

    @Test
    void aThingBoxedOnOneFrameIsFollowedThroughTheClip() throws IOException {
        var frames = new ArrayList<Drawn>();
        for (int i = 0; i < 8; i++) {
            frames.add(Drawn.read("src/test/resources/mini/clip-%d.png".formatted(i)));
        }
        String urls = frames.stream().map(it -> '"' + it.url() + '"').collect(Collectors.joining(", "));
        HttpResponse<String> response = server.post(
                "/v1/segmentations",
                "{\"frames\": [%s], \"prompts\": [{\"frame\": 3, \"box\": %s}]}"
                        .formatted(urls, frames.get(3).box()));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonNode masks = TestServer.json(response).at("/data/0/masks");
        assertThat(masks).hasSize(8);
        double sum = 0;
        for (int i = 0; i < 8; i++) {
            sum += iou(mask(masks.get(i)), frames.get(i).mask());
        }
        assertThat(sum / 8).isGreaterThan(0.6);
    }

    private static Mask mask(Drawn drawn, String prompt) {
        return mask(drawn.url(), prompt);
    }

    private static Mask mask(String url, String prompt) {
        HttpResponse<String> response =
                server.post("/v1/segmentations", "{\"image\": \"%s\", \"prompts\": [%s]}".formatted(url, prompt));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return mask(TestServer.json(response).at("/data/0/masks/0"));
    }

    private static Mask mask(JsonNode found) {
        JsonNode rle = found.path("rle");
        int height = rle.at("/size/0").asInt();
        int width = rle.at("/size/1").asInt();
        return RunLengths.ofString(height, width, rle.path("counts").asString()).rasterise(width, height);
    }

    private static double iou(Mask a, Mask b) {
        int[] pixels = IntStream.range(0, a.width() * a.height()).toArray();
        long both = IntStream.of(pixels).filter(it -> a.get(it) && b.get(it)).count();
        long either = IntStream.of(pixels).filter(it -> a.get(it) || b.get(it)).count();
        return (double) both / either;
    }
}
