package io.github.describeanything.server.openai.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.region.RunLengths;
import io.github.describeanything.model.segment.MaskCandidate;
import io.github.describeanything.model.segment.SegmentPrompt;
import io.github.describeanything.server.TestServer;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** {@code POST /v1/segmentations}. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SegmentationsTest {
    private TestServer server;
    private byte[] encoded;
    private String url;
    private Picture picture;

    @BeforeAll
    void start() throws IOException {
        server = TestServer.startSegmenting("golden-joint-fp32", "sam-golden", 64);
        encoded = Files.readAllBytes(TestServer.root().resolve("src/test/resources/golden-sam/cases/landscape.png"));
        url = "data:image/png;base64," + Base64.getEncoder().encodeToString(encoded);
        picture = TestServer.READER.read(encoded);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private HttpResponse<String> ask(String body) {
        return server.post("/v1/segmentations", body);
    }

    private JsonNode answer(String prompts, String more) {
        HttpResponse<String> response = ask("{\"image\": \"%s\", \"prompts\": [%s]%s}".formatted(url, prompts, more));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return TestServer.json(response);
    }

    private static Mask mask(JsonNode mask) {
        int height = mask.at("/rle/size/0").asInt();
        int width = mask.at("/rle/size/1").asInt();
        return RunLengths.ofString(height, width, mask.at("/rle/counts").asString())
                .rasterise(width, height);
    }

    private List<MaskCandidate> expected(SegmentPrompt prompt) {
        return server.segmenter.orElseThrow().segment(picture, prompt).candidates();
    }

    @Test
    void aClickOnAPicture() {
        JsonNode answer = answer("{\"points\": [[125.6, 52.5]]}", "");
        assertThat(answer.path("object").asString()).isEqualTo("list");
        assertThat(answer.at("/image/width").asInt()).isEqualTo(300);
        assertThat(answer.at("/image/height").asInt()).isEqualTo(200);
        assertThat(answer.at("/image/digest").asString()).matches("[0-9a-f]{64}");
        assertThat(answer.path("data")).hasSize(1);
        JsonNode thing = answer.at("/data/0");
        assertThat(thing.path("index").asInt()).isZero();
        assertThat(thing.path("object").asInt()).isEqualTo(1);
        assertThat(thing.path("masks")).hasSize(1);
        assertThat(thing.at("/masks/0/frame").asInt()).isZero();
        MaskCandidate best = expected(SegmentPrompt.inside(125.6, 52.5)).getFirst();
        assertThat(mask(thing.at("/masks/0"))).isEqualTo(best.mask());
        assertThat(thing.at("/masks/0/score").floatValue()).isEqualTo(best.score());
    }

    @Test
    void threeCandidatesComeBestFirst() {
        JsonNode masks =
                answer("{\"points\": [[125.6, 52.5]]}", ", \"candidates\": 3").at("/data/0/masks");
        List<MaskCandidate> expected = expected(SegmentPrompt.inside(125.6, 52.5));
        assertThat(masks).hasSize(3);
        for (int i = 0; i < 3; i++) {
            assertThat(masks.get(i).path("score").floatValue())
                    .isEqualTo(expected.get(i).score());
            if (!expected.get(i).mask().box().isEmpty()) {
                assertThat(mask(masks.get(i))).isEqualTo(expected.get(i).mask());
            }
        }
    }

    @Test
    void pointsInAndOutAndABoxAreOnePrompt() {
        var prompt = new SegmentPrompt(
                List.of(new SegmentPrompt.Point(95.2, 172.3, true), new SegmentPrompt.Point(1, 198, false)),
                java.util.Optional.of(new SegmentPrompt.Box(68, 150, 125, 203)),
                java.util.Optional.empty());
        JsonNode answer = answer(
                "{\"box\": [68, 150, 125, 203], \"points\": [[95.2, 172.3], [1, 198]], \"labels\": [1, 0], \"object\": 7},"
                        + " {\"box\": [110, 30, 153, 80]}",
                "");
        assertThat(mask(answer.at("/data/0/masks/0")))
                .isEqualTo(expected(prompt).getFirst().mask());
        assertThat(answer.at("/data/0/object").asInt()).isEqualTo(7);
        assertThat(answer.at("/data/1/index").asInt()).isEqualTo(1);
        assertThat(mask(answer.at("/data/1/masks/0")))
                .isEqualTo(
                        expected(SegmentPrompt.box(110, 30, 153, 80)).getFirst().mask());
    }

    @Test
    void labelsLeaveAPointOut() {
        String both = "{\"points\": [[125.6, 52.5], [95.2, 172.3]]";
        JsonNode inside = answer(both + "}", "");
        JsonNode outside = answer(both + ", \"labels\": [1, 0]}", "");
        assertThat(inside.at("/data/0/masks/0/rle")).isNotEqualTo(outside.at("/data/0/masks/0/rle"));
        assertThat(answer(both + ", \"labels\": [1, 1]}", "").at("/data")).isEqualTo(inside.at("/data"));
    }

    @Test
    void aPictureIsEmbeddedOnceAndFoundByItsDigest() {
        JsonNode first = answer("{\"points\": [[10, 10]]}", "");
        long embeddings = server.segmenter.orElseThrow().stats().embeddings();
        HttpResponse<String> again = ask("""
                {"image": {"digest": "%s"}, "prompts": [{"points": [[10, 10]]}]}""".formatted(first.at("/image/digest").asString()));
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(TestServer.json(again)).isEqualTo(first);
        assertThat(answer("{\"points\": [[10, 10]]}", "")).isEqualTo(first);
        assertThat(server.segmenter.orElseThrow().stats().embeddings()).isEqualTo(embeddings);
    }

    @Test
    void anObjectWithAUrlAndTheBareUrlAreTheSame() {
        HttpResponse<String> response =
                ask("{\"image\": {\"url\": \"%s\"}, \"prompts\": [{\"points\": [[10, 10]]}]}".formatted(url));
        assertThat(TestServer.json(response)).isEqualTo(answer("{\"points\": [[10, 10]]}", ""));
    }

    @Test
    void promptsMayLeaveThePicture() {
        assertThat(answer("{\"points\": [[-40, 1000]]}", "").path("data")).hasSize(1);
        assertThat(answer("{\"box\": [-100, -100, 50, 5000]}", "").path("data")).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {}                                            | prompts[0].points      | is missing
            3                                             | prompts[0]             | object
            {"points": []}                                | prompts[0].points      | is missing
            {"points": 3}                                 | prompts[0].points      | list
            {"points": [3, 4]}                            | prompts[0].points[0]   | [x, y]
            {"points": [[3]]}                             | prompts[0].points[0]   | [x, y]
            {"points": [[3, "4"]]}                        | prompts[0].points[0][1]| number
            {"points": [[3, 1e400]]}                      | prompts[0].points[0]   | finite
            {"points": [[1, 1], [-1e39, 4]]}              | prompts[0].points[1]   | finite
            {"box": [1, 2, 1e39, 4]}                      | prompts[0].box         | finite
            {"points": [[0.3, 0.4]], "unit": "fraction"}  | prompts[0].unit        | must be pixel
            {"points": [[3, 4]], "labels": [1, 0]}        | prompts[0].labels      | 2 entries for 1 points
            {"points": [[3, 4]], "labels": []}            | prompts[0].labels      | 0 entries
            {"points": [[3, 4]], "labels": [2]}           | prompts[0].labels[0]   | 1, a point inside
            {"points": [[3, 4]], "labels": [0.5]}         | prompts[0].labels[0]   | 1, a point inside
            {"points": [[3, 4]], "labels": [true]}        | prompts[0].labels[0]   | 1, a point inside
            {"points": [[3, 4]], "labels": [-1]}          | prompts[0].labels[0]   | 1, a point inside
            {"points": [[3, 4]], "labels": 1}             | prompts[0].labels      | list of integers
            {"labels": [1]}                               | prompts[0].labels      | needs points
            {"box": [1, 2, 3]}                            | prompts[0].box         | [x0, y0, x1, y1]
            {"box": [9, 2, 3, 4]}                         | prompts[0].box         | x0 < x1
            {"box": [-9, 2, -3, 4]}                       | prompts[0].box         | wholly outside
            {"box": [300, 2, 400, 4]}                     | prompts[0].box         | wholly outside
            {"points": [[3, 4]], "frame": 1}              | prompts[0].frame       | must be 0
            {"points": [[3, 4]], "object": -1}            | prompts[0].object      | between
            """)
    void aPromptThatCannotBeUsed(String prompt, String param, String words) {
        refused("{\"image\": \"%s\", \"prompts\": [%s]}".formatted(url, prompt), param, words);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"prompts": [{"points": [[1, 1]]}]}                                       | image           | URL
            {"image": 3, "prompts": [{"points": [[1, 1]]}]}                           | image           | URL
            {"image": "data:image/png;base64,AAAA", "prompts": [{"points": [[1, 1]]}]}| image           | not a PNG
            {"image": "http://127.0.0.1/a.png", "prompts": [{"points": [[1, 1]]}]}    | image           | does not fetch
            {"image": {"digest": 3}, "prompts": [{"points": [[1, 1]]}]}               | image.digest    | digest
            {"image": {"digest": "abc"}, "prompts": [{"points": [[1, 1]]}]}           | image.digest    | digest
            {"image": {"digest": "0000000000000000000000000000000000000000000000000000000000000000"}, "prompts": [{"points": [[1, 1]]}]} | image.digest | send its URL
            {"image": "data:,"}                                                       | prompts         | list
            {"image": "data:,", "prompts": []}                                        | prompts         | at least one
            {"image": "data:,", "prompts": {}}                                        | prompts         | list
            {"image": "data:,", "prompts": [{"points": [[1, 1]]}], "candidates": 2}   | candidates      | 1 or 3
            {"image": "data:,", "prompts": [{"points": [[1, 1]]}], "candidates": 0}   | candidates      | between
            {"image": "data:,", "prompts": [{"points": [[1, 1]]}], "fill_holes": 3}   | fill_holes      | true or false
            {"image": "data:,", "prompts": [{"points": [[1, 1]]}], "stream": true}    | stream          | not supported
            {"image": "data:,", "prompts": [{"points": [[1, 1]]}], "orientation": 3}  | orientation     | string
            """)
    void aRequestThatCannotBeUsed(String body, String param, String words) {
        refused(body, param, words);
    }

    @Test
    void tooManyPromptsAndPoints() {
        String prompt = "{\"points\": [[1, 1]]}";
        String many = String.join(",", java.util.Collections.nCopies(65, prompt));
        refused("{\"image\": \"%s\", \"prompts\": [%s]}".formatted(url, many), "prompts", "at most 64");
        String points = String.join(",", java.util.Collections.nCopies(10_000, "[1,1]"));
        refused(
                "{\"image\": \"%s\", \"prompts\": [{\"points\": [%s]}]}".formatted(url, points),
                "prompts[0].points",
                "at most 256");
    }

    private void refused(String body, String param, String words) {
        HttpResponse<String> response = ask(body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        JsonNode error = TestServer.json(response).path("error");
        assertThat(error.path("param").asString()).as(response.body()).isEqualTo(param);
        assertThat(error.path("message").asString()).contains(words);
        assertThat(error.path("code").asString()).isNotEmpty();
    }

    @Test
    void metricsCountRequestsTimesAndCacheHits() {
        double before = metric("dam_segmentations_total{outcome=\"done\"}");
        double hits = metric("dam_segmentation_cache_hits_total");
        answer("{\"points\": [[1, 1]]}", "");
        answer("{\"points\": [[2, 2]]}", "");
        ask("{}");
        assertThat(metric("dam_segmentations_total{outcome=\"done\"}")).isEqualTo(before + 2);
        assertThat(metric("dam_segmentations_total{outcome=\"invalid\"}")).isPositive();
        assertThat(metric("dam_segmentation_cache_hits_total")).isGreaterThan(hits);
        assertThat(metric("dam_segmentation_cache_misses_total")).isPositive();
        assertThat(metric("dam_segmentation_embedding_seconds_sum")).isPositive();
        assertThat(metric("dam_segmentation_prompt_seconds_count")).isPositive();
        assertThat(metric("dam_segmentation_running")).isZero();
    }

    private double metric(String name) {
        return server.get("/metrics")
                .body()
                .lines()
                .filter(it -> it.startsWith(name + " "))
                .mapToDouble(it -> Double.parseDouble(it.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name));
    }

    @Test
    void withoutASegmenterTheOptionIsNamed() {
        try (var plain = TestServer.start("golden-joint-fp32")) {
            for (String path : List.of("/v1/segmentations", "/v1/chat/completions")) {
                String body = path.endsWith("segmentations")
                        ? "{\"image\": \"%s\", \"prompts\": [{\"points\": [[1, 1]]}]}".formatted(url)
                        : TestServer.request(url, "What is it?", ", \"regions\": [{\"points\": [[1, 1]]}]");
                HttpResponse<String> response = plain.post(path, body);
                assertThat(response.statusCode()).isEqualTo(400);
                JsonNode error = TestServer.json(response).path("error");
                assertThat(error.path("code").asString()).isEqualTo("no_segmenter");
                assertThat(error.path("message").asString())
                        .contains("--segmenter")
                        .matches(Pattern.compile("[^.]*"));
            }
        }
    }

    @Test
    void otherMethodsAreRefused() {
        assertThat(server.get("/v1/segmentations").statusCode()).isEqualTo(405);
    }
}
