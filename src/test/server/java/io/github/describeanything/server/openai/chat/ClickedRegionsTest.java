package io.github.describeanything.server.openai.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.region.Drawn;
import io.github.describeanything.focal.region.RunLengths;
import io.github.describeanything.model.segment.SegmentPrompt;
import io.github.describeanything.model.segment.SegmentPrompt.Box;
import io.github.describeanything.server.TestServer;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Clicks instead of a mask: the answer is that of the mask which the segmenter makes of them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClickedRegionsTest {
    private static final String ONE_POINT = "{\"points\": [[125.6, 52.5]]}";

    private TestServer server;
    private Picture picture;
    private String url;

    @BeforeAll
    void start() throws IOException {
        server = TestServer.startSegmenting("golden-joint-fp32", "sam-golden", 64);
        picture = TestServer.READER.read(
                Files.readAllBytes(TestServer.root().resolve("src/test/resources/golden-sam/cases/landscape.png")));
        url = RegionPictures.png(picture);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private JsonNode choice(String question, String more) {
        HttpResponse<String> response = server.post(TestServer.request(url, question, more));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return TestServer.json(response).at("/choices/0");
    }

    private static String text(JsonNode choice) {
        return choice.at("/message/content").asString();
    }

    private Mask marked(SegmentPrompt prompt) {
        return server.segmenter.orElseThrow().segment(picture, prompt).best().mask();
    }

    /** What the model says about a mask in alpha. */
    private String described(Mask mask) {
        String masked = RegionPictures.masked(picture, new Drawn(mask));
        HttpResponse<String> response = server.post(TestServer.request(masked, "What is it?", ""));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return text(TestServer.json(response).at("/choices/0"));
    }

    @Test
    void pointsAreAnsweredAsTheirMask() {
        Mask mask = marked(SegmentPrompt.inside(125.6, 52.5).and(95.2, 172.3, false));
        String region = "{\"points\": [[125.6, 52.5], [95.2, 172.3]], \"labels\": [1, 0]}";
        JsonNode choice = choice("What is it?", ", \"regions\": [" + region + "], \"return_masks\": true");
        assertThat(text(choice)).isEqualTo(described(mask));
        assertThat(decoded(choice)).isEqualTo(mask);
        assertThat(choice.at("/region/mask/score").asDouble()).isBetween(0.0, 1.0);
    }

    private static Mask decoded(JsonNode choice) {
        JsonNode rle = choice.at("/region/mask/rle");
        int height = rle.at("/size/0").asInt();
        int width = rle.at("/size/1").asInt();
        return RunLengths.ofString(height, width, rle.path("counts").asString()).rasterise(width, height);
    }

    @Test
    void fractionsAreThoseOfThePicture() {
        Mask mask = marked(SegmentPrompt.inside(0.5 * picture.width(), 0.25 * picture.height()));
        JsonNode choice = choice(
                "What is it?",
                ", \"regions\": [{\"points\": [[0.5, 0.25]], \"unit\": \"fraction\"}], \"return_masks\": true");
        assertThat(decoded(choice)).isEqualTo(mask);
    }

    @Test
    void aBoxIsRefinedOnRequestAlone() {
        Mask refined = marked(SegmentPrompt.box(68, 150, 125, 198));
        String box = "{\"box\": [68, 150, 125, 198]%s}";
        String masks = ", \"regions\": [%s], \"return_masks\": true";
        assertThat(decoded(choice("", masks.formatted(box.formatted(", \"refine\": true")))))
                .isEqualTo(refined);
        JsonNode asItIs = choice("", masks.formatted(box.formatted("")));
        assertThat(decoded(asItIs).count()).isEqualTo(57 * 48);
        assertThat(asItIs.at("/region/mask/score").isMissingNode()).isTrue();
        var with = new SegmentPrompt(
                List.of(new SegmentPrompt.Point(95, 172, true)),
                Optional.of(new Box(68, 150, 125, 198)),
                Optional.empty());
        String corrected = box.formatted(", \"points\": [[95, 172]]");
        assertThat(decoded(choice("", masks.formatted(corrected)))).isEqualTo(marked(with));
    }

    @Test
    void aScribbleBecomesPointsOnItsLine() {
        var prompt = SegmentPrompt.inside(20, 40).and(50, 40, true).and(80, 40, true);
        String scribble = "{\"scribble\": {\"points\": [[20, 40], [60, 40], [80, 40]]}, \"refine\": true}";
        JsonNode choice = choice("", ", \"regions\": [" + scribble + "], \"return_masks\": true");
        assertThat(decoded(choice)).isEqualTo(marked(prompt));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            @point(125.6, 52.5) What is it?                | What is it?
            What is it? @point(125.6,52.5) @out(95.2,172)  | What is it?
            What is @point(50%, 40%) it?                   | What is it?
            @out(1, 1) @point(30, 30 60, 40) What is it?   | What is it?
            """)
    void pointsInTheQuestion(String written, String question) {
        SegmentPrompt prompt = switch (written.substring(0, 9)) {
            case "@point(12" -> SegmentPrompt.inside(125.6, 52.5);
            case "What is i" -> SegmentPrompt.inside(125.6, 52.5).and(95.2, 172, false);
            case "What is @" -> SegmentPrompt.inside(150, 80);
            default ->
                new SegmentPrompt(
                        List.of(
                                new SegmentPrompt.Point(1, 1, false),
                                new SegmentPrompt.Point(30, 30, true),
                                new SegmentPrompt.Point(60, 40, true)),
                        Optional.empty(),
                        Optional.empty());
        };
        JsonNode choice = choice(written, ", \"return_masks\": true");
        assertThat(decoded(choice)).isEqualTo(marked(prompt));
        assertThat(text(choice)).isEqualTo(described(marked(prompt)));
    }

    @Test
    void masksComeWithEachRegionOnceAndWithTheFirstChunk() {
        String more =
                ", \"n\": 2, \"regions\": [" + ONE_POINT + ", {\"whole\": true, \"id\": 4}], \"return_masks\": true";
        HttpResponse<String> whole = server.post(TestServer.request(url, "What is it?", more));
        JsonNode choices = TestServer.json(whole).path("choices");
        assertThat(choices).hasSize(4);
        assertThat(choices.get(0).at("/region/mask/rle/counts").asString()).isNotEmpty();
        assertThat(choices.get(1).at("/region/mask").isMissingNode()).isTrue();
        assertThat(choices.get(2).at("/region/mask/rle/counts").asString()).isNotEmpty();
        assertThat(choices.get(2).at("/region/id").asInt()).isEqualTo(4);
        String stream = server.post(TestServer.request(url, "What is it?", ", \"stream\": true" + more))
                .body();
        assertThat(stream.split("\"mask\":", -1)).hasSize(3);
    }

    /** The page previews a mask, then asks about it: the picture is embedded once. */
    @Test
    void theEmbeddingIsSharedWithSegmentations() {
        String other = RegionPictures.png(RegionPictures.golden("tiny_image.png"));
        long before = server.segmenter.orElseThrow().stats().embeddings();
        assertThat(server.post(
                                "/v1/segmentations",
                                "{\"image\": \"%s\", \"prompts\": [{\"points\": [[9, 9]]}]}".formatted(other))
                        .statusCode())
                .isEqualTo(200);
        server.post(TestServer.request(other, "", ", \"regions\": [{\"points\": [[9, 9]]}]"));
        assertThat(server.segmenter.orElseThrow().stats().embeddings()).isEqualTo(before + 1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"points": []}                                              | regions[1].points    | is missing
            {"points": [[1, 2, 3]]}                                     | regions[1].points[0] | [x, y]
            {"points": [[1, 2]], "labels": [1, 1]}                      | regions[1].labels    | 2 entries for 1
            {"points": [[1, 2]], "polygon": [[1, 2, 3, 4, 5, 6]]}       | regions[1]           | polygon
            {"refine": true}                                            | regions[1].points    | is missing
            {"whole": true, "refine": true}                             | regions[1]           | whole
            {"box": [400, 1, 500, 9], "refine": true}                   | regions[1].box       | wholly outside
            {"points": [[1, 1e400]]}                                    | regions[1].points[0] | finite
            {"points": [[1e39, 1]]}                                     | regions[1].points[0] | finite
            {"points": [[1e39, 1]], "unit": "fraction"}                 | regions[1].points[0] | finite
            {"points": [[1, 2]], "frame": 3}                            | regions[1].frame     | single picture
            """)
    void clicksThatCannotBeUsed(String entry, String param, String words) {
        refused("What is it?", ", \"regions\": [" + ONE_POINT + ", " + entry + "]", param, words);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            @point(1) What?                | must look like @point(x, y)
            @out(1, 2, 3) What?            | must look like @out(x, y)
            @point(0.3, 0.4) What?         | 0.5 as 50%
            @point(30, 40%) What?          | mixes
            @point(30, 40) @out(1%, 2%)    | mixes
            @point(3, 4) @box(1, 2, 30, 4) | second region
            """)
    void writtenPointsThatCannotBeUsed(String written, String words) {
        refused(written, "", "messages[0].content[1].text", words);
    }

    private void refused(String question, String more, String param, String words) {
        HttpResponse<String> response = server.post(TestServer.request(url, question, more));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        JsonNode error = TestServer.json(response).path("error");
        assertThat(error.path("param").asString()).as(response.body()).isEqualTo(param);
        assertThat(error.path("message").asString()).contains(words);
    }
}
