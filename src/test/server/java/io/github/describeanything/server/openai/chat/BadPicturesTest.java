package io.github.describeanything.server.openai.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.server.Pictures;
import io.github.describeanything.server.TestServer;
import java.awt.image.BufferedImage;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Broken, huge and odd pictures over HTTP are answered or refused and do not affect the next request. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadPicturesTest {
    private TestServer server;
    private String good;

    @BeforeAll
    void start() {
        server = TestServer.start("golden-joint-fp32");
        good = text(Pictures.url(TestServer.golden("blob.png")));
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @AfterEach
    void theNextValidRequestGetsTheSameAnswer() {
        assertThat(text(Pictures.url(TestServer.golden("blob.png")))).isEqualTo(good);
    }

    private HttpResponse<String> ask(String url) {
        return server.post(TestServer.request(url, "", ""));
    }

    private String text(String url) {
        HttpResponse<String> response = ask(url);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return TestServer.text(response);
    }

    private void refused(byte[] file, String code) {
        HttpResponse<String> response = ask(Pictures.url(file));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(TestServer.json(response).at("/error/code").asString()).isEqualTo(code);
        assertThat(response.body()).doesNotContain("Exception", "at io.", "/home", "/work", "/tmp");
    }

    @ParameterizedTest
    @CsvSource({"20000, 20000, 1, 0", "30000, 30000, 1, 0", "30000, 30000, 8, 6", "2147483647, 1, 8, 6", "-1, -1, 8, 6"
    })
    void pixelBombsAreRefusedFromTheHeader(int width, int height, int depth, int colour) {
        long start = System.nanoTime();
        refused(Pictures.png(width, height, depth, colour, new byte[64]), "image_too_large");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void aTextChunkOfAGigabyteIsNeverInflated() {
        byte[] packed = Pictures.deflated(new byte[1 << 28]);
        byte[] text = new byte[packed.length + 3];
        text[0] = 'a';
        System.arraycopy(packed, 0, text, 3, packed.length);
        byte[] header = {0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0};
        byte[] file = Pictures.png(
                Pictures.chunk("IHDR", header),
                Pictures.chunk("zTXt", text),
                Pictures.chunk("zTXt", text),
                Pictures.chunk("zTXt", text),
                Pictures.chunk("iCCP", text),
                Pictures.chunk("IDAT", Pictures.deflated(new byte[] {0, 1, 2, 3, 4})),
                Pictures.chunk("IEND", new byte[0]));
        assertThat(text(Pictures.url(file))).isNotEmpty();
    }

    @Test
    void truncatedDamagedAndOtherFilesAreRefused() {
        byte[] file = TestServer.golden("blob.png");
        byte[] wrongSum = file.clone();
        wrongSum[file.length / 2] ^= 1;
        refused(Arrays.copyOf(file, file.length / 2), "invalid_image");
        refused(wrongSum, "invalid_image");
        refused(Arrays.copyOf(file, file.length - 13), "invalid_image");
        assertThat(text(Pictures.url(Arrays.copyOf(file, file.length - 12))))
                .as("only the last chunk is missing")
                .isEqualTo(good);
        refused("<!doctype html><title>no picture</title>".getBytes(StandardCharsets.UTF_8), "invalid_image");
        assertThat(ask("data:image/png;base64,").statusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<svg xmlns='http://www.w3.org/2000/svg'/>",
                "GIF89a\1\0\1\0\0\0\0;",
                "8BPS\0\1\0\0\0\0\0\0\0\4\0\0\0\1\0\0\0\1",
                "GIF89a\u0089PNG\r\n\u001a\n",
                "%PDF-1.7\u0089PNG",
                "BM\0\0\0\0"
            })
    void unsupportedFormatsAndPolyglotsAreRefused(String file) {
        refused(file.getBytes(StandardCharsets.ISO_8859_1), "invalid_image");
    }

    @Test
    void masksOfZeroOneAndAllPixels() {
        refused(Pictures.encoded(Pictures.noise(40, 30, 1, (x, y) -> 0), "png"), "empty_mask");
        for (BufferedImage picture : List.of(
                Pictures.noise(40, 30, 1, (x, y) -> x == 39 && y == 29 ? 255 : 0),
                Pictures.noise(40, 30, 1, (x, y) -> 255),
                Pictures.noise(40, 30, 1, (x, y) -> x > 10 && x < 20 ? 1 : 0))) {
            assertThat(text(Pictures.url(Pictures.encoded(picture, "png")))).isNotEmpty();
        }
    }

    @Test
    void alphaOneIsInsideLikeFullAlpha() {
        String faint = text(Pictures.url(Pictures.encoded(Pictures.noise(40, 30, 2, (x, y) -> x > 20 ? 1 : 0), "png")));
        String full =
                text(Pictures.url(Pictures.encoded(Pictures.noise(40, 30, 2, (x, y) -> x > 20 ? 255 : 0), "png")));
        assertThat(faint).isEqualTo(full);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 500", "500, 1", "16384, 1"})
    void picturesOfOnePixelOrOneLineAreAnswered(int width, int height) {
        assertThat(text(Pictures.url(Pictures.encoded(Pictures.noise(width, height, 3, (x, y) -> 255), "png"))))
                .isNotEmpty();
    }

    @Test
    void aJpegWithoutARegionIsRefused() {
        var opaque = new BufferedImage(64, 48, BufferedImage.TYPE_INT_RGB);
        refused(Pictures.encoded(opaque, "jpg"), "missing_mask");
    }

    @Test
    void anotherWidthOrMaskIsAnotherPicture() {
        byte[] pixels = new byte[6 * (1 + 4 * 8)];
        new java.util.Random(4).nextBytes(pixels);
        byte[] wide = withFilterBytes(pixels, 8, 6);
        byte[] tall = withFilterBytes(pixels, 6, 8);
        assertThat(wide.length).isNotZero();
        String first = text(Pictures.url(Pictures.png(8, 6, 8, 6, wide)));
        String second = text(Pictures.url(Pictures.png(6, 8, 8, 6, tall)));
        String left =
                text(Pictures.url(Pictures.encoded(Pictures.noise(60, 40, 5, (x, y) -> x < 20 ? 255 : 0), "png")));
        String right =
                text(Pictures.url(Pictures.encoded(Pictures.noise(60, 40, 5, (x, y) -> x > 40 ? 255 : 0), "png")));
        assertThat(List.of(first, second, left, right)).doesNotHaveDuplicates();
        // Again, now from the cache.
        assertThat(text(Pictures.url(Pictures.png(8, 6, 8, 6, wide)))).isEqualTo(first);
        assertThat(text(Pictures.url(Pictures.png(6, 8, 8, 6, tall)))).isEqualTo(second);
        assertThat(text(Pictures.url(Pictures.encoded(Pictures.noise(60, 40, 5, (x, y) -> x < 20 ? 255 : 0), "png"))))
                .isEqualTo(left);
    }

    /** Splits RGBA bytes into rows, each prefixed by filter 0. */
    private static byte[] withFilterBytes(byte[] rgba, int width, int height) {
        var out = new byte[height * (1 + 4 * width)];
        for (int y = 0; y < height; y++) {
            System.arraycopy(rgba, y * 4 * width, out, y * (1 + 4 * width) + 1, 4 * width);
        }
        return out;
    }

    @Test
    void dataUrlsOfRealClientsAreRead() {
        String base64 = Base64.getEncoder().encodeToString(TestServer.golden("blob.png"));
        String unpadded = base64.replaceAll("=+$", "");
        for (String url : List.of(
                "data:image/png;base64," + unpadded,
                "DATA:IMAGE/PNG;BASE64," + base64,
                "data:image/png;charset=utf-8;base64," + base64,
                "data:;base64," + base64,
                "data:image/png; base64 ," + base64,
                "data:image/png;base64," + base64.replace('+', '-').replace('/', '_'),
                "data:image/png;base64, " + base64.substring(0, 100) + "\\r\\n\\t " + base64.substring(100))) {
            assertThat(text(url)).isEqualTo(good);
        }
        for (String url : List.of("data:image/png," + base64, "data:image/png;base64", "data:", "data:;base64,====")) {
            assertThat(ask(url).statusCode()).as(url).isEqualTo(400);
        }
    }
}
