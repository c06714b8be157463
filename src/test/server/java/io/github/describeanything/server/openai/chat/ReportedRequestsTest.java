package io.github.describeanything.server.openai.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.http.Json;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/**
 * Requests that users reported, from {@code src/test/resources/repro}, each with one that must get the same answer,
 * including log-probabilities.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReportedRequestsTest {
    private TestServer server;

    @BeforeAll
    void start() {
        server = TestServer.startBuiltIn();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @Test
    void aOneBitWhiteIsZeroTiffMaskMarksNonzeroSamples() {
        same("mask-tiff-white-is-zero");
    }

    @Test
    void anEightBitWhiteIsZeroTiffMaskMarksNonzeroSamples() {
        same("mask-tiff-white-is-zero-8bit");
    }

    @Test
    void aJpegWithoutHuffmanTablesUsesTheStandardOnes() {
        same("jpeg-without-huffman-tables");
    }

    @Test
    void strayBytesBetweenTheSegmentsOfAJpegAreSkipped() {
        same("jpeg-stray-bytes-between-segments");
    }

    @Test
    void aPixelBeyondThePaletteOfAPngIsOpaqueBlack() {
        same("png-index-beyond-palette");
    }

    @Test
    void aPngWithoutIendIsRead() {
        same("png-without-its-last-chunk");
    }

    @Test
    void aDataUrlMayBePercentEncoded() {
        same("data-url-percent-encoded");
    }

    @Test
    void topPOfZeroTakesTheMostProbableToken() {
        same("top-p-zero");
    }

    @Test
    void aBoxSlightlyOutsideIsClipped() {
        same("box-two-pixels-outside");
    }

    @Test
    void aBlackMaskWithAlphaUsesItsAlpha() {
        same("mask-black-with-alpha");
    }

    @Test
    void tiffOrientationIsAppliedOnRequest() {
        same("tiff-orientation");
    }

    @Test
    void aCmykJpegIsRead() {
        same("cmyk-jpeg");
    }

    @Test
    void theFirstFrameOfAGifIsRead() {
        same("still-gif");
    }

    @Test
    void aWebpOfQualityZeroMatchesLibwebp() {
        same("webp-quality-0-colours");
    }

    @Test
    void theLastPictureOfAChatCounts() {
        same("second-picture-in-a-later-turn");
    }

    @Test
    void aBadFrameOfEightIsNamed() {
        JsonNode error = error("which-of-eight-frames");
        assertThat(error.path("param").asString()).isEqualTo("messages[0].content[5].image_url");
        assertThat(error.path("code").asString()).isEqualTo("invalid_image");
    }

    /** Ambiguous: the corners may be a mask or a rounded window. */
    @Test
    void aBoxOnAPictureWithTransparentCornersIsRefused() {
        JsonNode error = error("box-on-a-picture-with-transparent-corners");
        assertThat(error.path("code").asString()).isEqualTo("mask_and_regions");
        assertThat(error.path("message").asString()).contains("omit regions", "without its alpha channel");
    }

    @Test
    void requestedUsageIsNullBeforeTheLastChunk() {
        List<JsonNode> chunks = post(read("usage-null-in-chunks").path("request"))
                .body()
                .lines()
                .filter(it -> it.startsWith("data: {"))
                .map(it -> Json.MAPPER.readTree(it.substring(6)))
                .toList();
        assertThat(chunks).hasSizeGreaterThan(2);
        assertThat(chunks).allMatch(it -> it.has("usage"));
        assertThat(chunks.stream().filter(it -> !it.get("usage").isNull())).containsExactly(chunks.getLast());
    }

    private void same(String name) {
        JsonNode pair = read(name);
        assertThat(Answered.of(post(pair.path("request")))).isEqualTo(Answered.of(post(pair.path("same_answer_as"))));
    }

    private JsonNode error(String name) {
        HttpResponse<String> response = post(read(name).path("request"));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        return TestServer.json(response).path("error");
    }

    private HttpResponse<String> post(JsonNode request) {
        return server.post(request.toString());
    }

    private static JsonNode read(String name) {
        return Json.MAPPER.readTree(TestServer.root()
                .resolve("src/test/resources/repro/" + name + ".json")
                .toFile());
    }
}
