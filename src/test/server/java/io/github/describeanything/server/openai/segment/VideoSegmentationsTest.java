package io.github.describeanything.server.openai.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.region.RunLengths;
import io.github.describeanything.model.Segmenter;
import io.github.describeanything.model.Tracking;
import io.github.describeanything.model.TrackingOptions;
import io.github.describeanything.model.segment.Direction;
import io.github.describeanything.model.segment.FramePrompt;
import io.github.describeanything.model.segment.SegmentPrompt;
import io.github.describeanything.model.segment.TrackedFrame;
import io.github.describeanything.model.segment.TrackedMask;
import io.github.describeanything.server.Clip;
import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.http.Json;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** {@code POST /v1/segmentations} with the frames of a video. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VideoSegmentationsTest {
    private static final String CLICK = "{\"points\": [[144.6, 144.6], [132.9, 133]], \"labels\": [1, 0]}";
    private static final FramePrompt CLICKED =
            FramePrompt.of(0, 1, SegmentPrompt.inside(144.6, 144.6).and(132.9, 133, false));

    private final Clip clip = Clip.of(10);
    private TestServer server;

    @BeforeAll
    void start() {
        server = TestServer.startSegmenting("golden-joint-fp32", "sam-golden", 64);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private Segmenter segmenter() {
        return server.segmenter.orElseThrow();
    }

    private String request(int frames, String prompts, String more) {
        String urls =
                clip.urls().stream().limit(frames).map(it -> '"' + it + '"').collect(Collectors.joining(", "));
        return "{\"frames\": [%s], \"prompts\": [%s]%s}".formatted(urls, prompts, more);
    }

    private JsonNode answer(int frames, String prompts, String more) {
        HttpResponse<String> response = server.post("/v1/segmentations", request(frames, prompts, more));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return TestServer.json(response);
    }

    private static Mask mask(JsonNode thing) {
        int height = thing.at("/rle/size/0").asInt();
        int width = thing.at("/rle/size/1").asInt();
        return RunLengths.ofString(height, width, thing.at("/rle/counts").asString())
                .rasterise(width, height);
    }

    private static void same(JsonNode found, TrackedMask expected) {
        assertThat(found.path("score").floatValue()).isEqualTo(expected.score());
        if (expected.mask().count() > 0) {
            assertThat(mask(found)).isEqualTo(expected.mask());
        }
    }

    @Test
    void everyThingHasAMaskOnEveryFrame() {
        JsonNode answer = answer(
                4,
                "{\"box\": [86, 92, 167, 160], \"frame\": -2, \"object\": 3}, {\"points\": [[144.6, 144.6]], \"frame\": 1, \"object\": 7}",
                "");
        List<TrackedFrame> expected = segmenter()
                .track(
                        clip.frames().subList(0, 4),
                        List.of(
                                FramePrompt.of(2, 3, SegmentPrompt.box(86, 92, 167, 160)),
                                FramePrompt.of(1, 7, SegmentPrompt.inside(144.6, 144.6))));
        assertThat(answer.path("object").asString()).isEqualTo("list");
        assertThat(answer.at("/image").propertyNames()).containsExactlyInAnyOrder("width", "height");
        assertThat(answer.at("/image/width").asInt()).isEqualTo(256);
        assertThat(answer.path("data")).hasSize(2);
        for (int i = 0; i < 2; i++) {
            JsonNode thing = answer.path("data").get(i);
            assertThat(thing.path("index").asInt()).isEqualTo(i);
            assertThat(thing.path("object").asInt()).isEqualTo(i == 0 ? 3 : 7);
            assertThat(thing.path("masks")).hasSize(4);
            for (int frame = 0; frame < 4; frame++) {
                JsonNode found = thing.path("masks").get(frame);
                assertThat(found.path("frame").asInt()).isEqualTo(frame);
                same(found, expected.get(frame).masks().get(i));
            }
        }
    }

    @Test
    void aStreamHasAnEventAFrame() {
        JsonNode whole = answer(4, CLICK.replace("{", "{\"frame\": 2, "), "");
        HttpResponse<String> response = server.post(
                "/v1/segmentations", request(4, CLICK.replace("{", "{\"frame\": 2, "), ", \"stream\": true"));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/event-stream");
        List<String> lines =
                response.body().lines().filter(it -> it.startsWith("data: ")).toList();
        assertThat(lines.getLast()).isEqualTo("data: [DONE]");
        List<JsonNode> events = lines.subList(0, lines.size() - 1).stream()
                .map(it -> Json.MAPPER.readTree(it.substring("data: ".length())))
                .toList();
        // Forward from frame 2 and back from it, which says frame 2 again.
        assertThat(events).extracting(it -> it.path("frame").asInt()).containsExactly(2, 3, 2, 1, 0);
        assertThat(events).extracting(it -> it.path("index").asInt()).containsExactly(0, 1, 2, 3, 4);
        assertThat(events).allSatisfy(it -> assertThat(it.path("count").asInt()).isEqualTo(5));
        Map<Integer, JsonNode> last = new HashMap<>();
        events.forEach(it -> last.put(it.path("frame").asInt(), it.at("/data/0")));
        for (int frame = 0; frame < 4; frame++) {
            JsonNode expected = whole.at("/data/0/masks").get(frame);
            assertThat(last.get(frame).path("rle")).isEqualTo(expected.path("rle"));
            assertThat(last.get(frame).path("score")).isEqualTo(expected.path("score"));
            assertThat(last.get(frame).path("object").asInt()).isEqualTo(1);
        }
    }

    @Test
    void holesAreFilledUnlessToldOtherwise() {
        for (boolean filled : List.of(true, false)) {
            JsonNode masks = answer(2, CLICK, ", \"fill_holes\": " + filled).at("/data/0/masks");
            try (Tracking video = segmenter().tracking(2, new TrackingOptions(filled, false))) {
                video.prompt(clip.frames().getFirst(), CLICKED);
                for (int frame = 0; frame < 2; frame++) {
                    same(
                            masks.get(frame),
                            video.visit(frame, Direction.FORWARD, clip.frames().get(frame))
                                    .masks()
                                    .getFirst());
                }
            }
        }
        assertThat(answer(2, CLICK, "").path("data"))
                .isEqualTo(answer(2, CLICK, ", \"fill_holes\": true").path("data"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"points": [[1, 1]], "frame": 2}                              |                   | prompts[0].frame    | between 0 and 1, or -1
            {"points": [[1, 1]], "frame": -3}                             |                   | prompts[0].frame    | between 0 and 1, or -1
            {"points": [[1, 1]], "frame": 0.5}                            |                   | prompts[0].frame    | integer
            {"points": [[1, 1]]}, {"box": [1, 1, 9, 9]}                   |                   | prompts[1]          | as prompts[0] does
            {"points": [[1, 1]]}, {"points": [[1, 1]], "frame": -2}       |                   | prompts[1]          | object 1 on frame 0
            {"box": [300, 1, 400, 9], "frame": 1}                         |                   | prompts[0].box      | wholly outside
            {"points": [[1, 1]]}                                          | , "candidates": 3 | candidates          | must be 1
            {"points": [[1, 1]]}                                          | , "image": "data:,"| image              | one of the two
            {"points": [[1, 1]]}                                          | , "fill_holes": 3 | fill_holes          | true or false
            {"points": [[1, 1]]}                                          | , "stream": "yes" | stream              | true or false
            {"box": [300, 1, 400, 9], "frame": 1}                         | , "stream": true  | prompts[0].box      | wholly outside
            """)
    void aRequestThatCannotBeUsed(String prompts, String more, String param, String words) {
        refused(request(2, prompts, more == null ? "" : more), param, words);
    }

    @Test
    void framesThatCannotBeUsed() {
        String prompts = ", \"prompts\": [{\"points\": [[1, 1]], \"frame\": -1}]}";
        refused("{\"frames\": []" + prompts, "frames", "one per frame");
        refused("{\"frames\": \"data:,\"" + prompts, "frames", "one per frame");
        refused("{\"frames\": [\"data:,\", 3]" + prompts, "frames[1]", "must be a URL");
        String many = String.join(", ", Collections.nCopies(130, "\"data:,\""));
        refused("{\"frames\": [" + many + "]" + prompts, "frames", "at most 64 (--max-frames): send every 3rd frame");
        String good = clip.urls().getFirst();
        refused("{\"frames\": [\"%s\", \"data:image/png;base64,AAAA\"]%s".formatted(good, prompts), "frames[1]", "PNG");
        String other = TestServer.dataUrl("blob.png");
        refused(
                "{\"frames\": [\"%s\", \"%s\"]%s".formatted(good, other, prompts),
                "frames[0]",
                "another frame 500 x 333");
        String things = IntStream.range(0, 17)
                .mapToObj("{\"points\": [[1, 1]], \"object\": %d}"::formatted)
                .collect(Collectors.joining(", "));
        refused(request(1, things, ""), "prompts[16].object", "at most 16");
    }

    private void refused(String body, String param, String words) {
        HttpResponse<String> response = server.post("/v1/segmentations", body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        JsonNode error = TestServer.json(response).path("error");
        assertThat(error.path("param").asString()).as(response.body()).isEqualTo(param);
        assertThat(error.path("message").asString()).contains(words);
        assertThat(segmenter().stats().underWay()).isZero();
    }

    @Test
    void metricsCountWhatWasTracked() {
        double before = metric("dam_segmentation_tracking_seconds_count");
        answer(2, CLICK, "");
        assertThat(metric("dam_segmentation_tracking_seconds_count")).isEqualTo(before + 2);
        assertThat(metric("dam_segmentation_tracking_seconds_sum")).isPositive();
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

    /** Ten frames; the client leaves after the first. */
    @Test
    void disconnectingEndsTheTracking() throws Exception {
        byte[] body = request(10, CLICK, ", \"stream\": true").getBytes(StandardCharsets.UTF_8);
        long before = segmenter().stats().tracked();
        try (var socket = new Socket("127.0.0.1", server.http.port())) {
            String head =
                    "POST /v1/segmentations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                            .formatted(body.length);
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(body);
            var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            String line = in.readLine();
            while (line != null && !line.contains("segmentation.frame")) {
                line = in.readLine();
            }
            assertThat(line).isNotNull();
        }
        while (segmenter().stats().underWay() > 0) {
            Thread.sleep(5);
        }
        assertThat(segmenter().stats().tracked() - before).isLessThan(10);
        assertThat(answer(1, CLICK, "").at("/data/0/masks")).hasSize(1);
    }
}
