package io.github.describeanything.server.openai.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.focal.region.RunLengths;
import io.github.describeanything.model.segment.FramePrompt;
import io.github.describeanything.model.segment.SegmentPrompt;
import io.github.describeanything.model.segment.TrackedFrame;
import io.github.describeanything.model.segment.TrackedMask;
import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.Wire;
import io.github.describeanything.server.http.Json;
import io.github.describeanything.server.video.Sampling;
import io.github.describeanything.server.video.TestVideos;
import io.github.describeanything.server.video.Video;
import io.github.describeanything.server.video.VideoOptions;
import io.github.describeanything.server.video.Videos;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What is marked on some frames of a video is followed through all, and described on eight of them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VideoSegmentationsTest {
    private static final int CLIP = 10;
    private static final SegmentPrompt BOX =
            new SegmentPrompt(List.of(), Optional.of(new SegmentPrompt.Box(142, 72, 226, 149)), Optional.empty());
    private static final String BOX_IN_FRAME_5 = "{\"box\": [142, 72, 226, 149], \"frame\": 5}";

    private TestServer server;
    private List<byte[]> clip;
    private List<TrackedFrame> tracked;
    private byte[] file;

    @BeforeAll
    void start() {
        server = TestServer.startSegmenting("golden-joint-fp32", "sam-golden", 64);
        clip = IntStream.range(0, CLIP)
                .mapToObj(i -> golden("clip_%02d.png".formatted(i)))
                .toList();
        tracked = server.segmenter
                .orElseThrow()
                .track(pictures(clip), List.of(FramePrompt.of(5, 1, BOX)));
        file = TestVideos.changed(
                TestVideos.made("mp4", "testsrc=size=160x120:rate=4", "-frames:v", "12", "-c:v", "mpeg4"),
                "matroska",
                "-i",
                "fd:",
                "-c",
                "copy");
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private static byte[] golden(String name) {
        try {
            return Files.readAllBytes(
                    TestServer.root().resolve("src/test/resources/golden-sam/cases").resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Picture> pictures(List<byte[]> files) {
        return files.stream().map(TestServer.READER::read).toList();
    }

    private static String url(byte[] png) {
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(png);
    }

    private String frames() {
        return "\"frames\": [" + clip.stream().map(it -> '"' + url(it) + '"').collect(Collectors.joining(", ")) + "]";
    }

    private HttpResponse<String> segment(String source, String prompts, String more) {
        return server.post("/v1/segmentations", "{%s, \"prompts\": [%s]%s}".formatted(source, prompts, more));
    }

    private JsonNode segmented(String source, String prompts, String more) {
        HttpResponse<String> response = segment(source, prompts, more);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return TestServer.json(response);
    }

    private static void requireSame(JsonNode mask, TrackedMask expected) {
        assertThat(mask.at("/rle/counts").asString())
                .isEqualTo(RunLengths.of(expected.mask()).compressed());
        assertThat(mask.path("score").floatValue()).isEqualTo(expected.score());
    }

    @Test
    void aBoxOnOneFrameGivesAMaskForEach() {
        JsonNode answer = segmented(frames(), BOX_IN_FRAME_5, "");
        assertThat(answer.path("object").asString()).isEqualTo("list");
        assertThat(answer.path("image").toString())
                .isEqualTo("{\"width\":%d,\"height\":%d,\"frames\":10}"
                        .formatted(
                                pictures(clip).getFirst().width(),
                                pictures(clip).getFirst().height()));
        assertThat(answer.path("data")).hasSize(1);
        assertThat(answer.at("/data/0/object").asInt()).isEqualTo(1);
        JsonNode masks = answer.at("/data/0/masks");
        assertThat(masks).hasSize(CLIP);
        for (int i = 0; i < CLIP; i++) {
            assertThat(masks.get(i).path("frame").asInt()).isEqualTo(i);
            requireSame(masks.get(i), tracked.get(i).masks().getFirst());
        }
        assertThat(segmented(frames(), BOX_IN_FRAME_5.replace("5}", "-5}"), ""))
                .isEqualTo(answer);
    }

    @Test
    void severalThingsAreNumberedAsTheClientNumbersThem() {
        String other = "{\"points\": [[132.9, 133.0]], \"object\": 7}";
        JsonNode answer = segmented(frames(), other + ", " + BOX_IN_FRAME_5.replace("}", ", \"object\": 3}"), "");
        assertThat(answer.at("/data/0/object").asInt()).isEqualTo(7);
        assertThat(answer.at("/data/1/object").asInt()).isEqualTo(3);
        List<TrackedFrame> both = server.segmenter
                .orElseThrow()
                .track(
                        pictures(clip),
                        List.of(
                                FramePrompt.of(0, 7, SegmentPrompt.inside(132.9, 133.0)),
                                FramePrompt.of(5, 3, BOX)));
        for (int i = 0; i < CLIP; i++) {
            requireSame(answer.at("/data/0/masks/" + i), both.get(i).masks().get(0));
            requireSame(answer.at("/data/1/masks/" + i), both.get(i).masks().get(1));
        }
    }

    @Test
    void aStreamHasAnEventAFrameAndTheLastPassCounts() {
        HttpResponse<String> response = segment(frames(), BOX_IN_FRAME_5, ", \"stream\": true");
        assertThat(response.headers().firstValue("Content-Type")).hasValueSatisfying(it -> assertThat(it)
                .startsWith("text/event-stream"));
        List<String> events = response.body()
                .lines()
                .filter(it -> it.startsWith("data: "))
                .map(it -> it.substring(6))
                .toList();
        assertThat(events.getLast()).isEqualTo("[DONE]");
        JsonNode first = Json.MAPPER.readTree(events.getFirst());
        assertThat(first.path("object").asString()).isEqualTo("segmentation.video");
        assertThat(first.at("/image/frames").asInt()).isEqualTo(CLIP);
        List<JsonNode> frames = events.subList(1, events.size() - 1).stream()
                .map(Json.MAPPER::readTree)
                .toList();
        assertThat(frames.stream().map(it -> it.path("pass").asString().charAt(0) + it.path("frame").asString("")))
                .hasSize(11);
        assertThat(frames.stream().map(it -> it.path("frame").asInt()))
                .containsExactly(5, 6, 7, 8, 9, 5, 4, 3, 2, 1, 0);
        Map<Integer, JsonNode> last = new HashMap<>();
        frames.forEach(it -> last.put(it.path("frame").asInt(), it.at("/data/0/masks/0")));
        last.forEach((frame, mask) -> requireSame(mask, tracked.get(frame).masks().getFirst()));
    }

    @Test
    void aVideoFileIsItsSampledFrames() {
        List<byte[]> decoded;
        try (Video video = new Videos(VideoOptions.DEFAULT, PictureLimits.DEFAULT).open(file, "v")) {
            decoded = video.decode(IntStream.range(0, video.times().length).toArray());
        }
        assertThat(decoded).hasSize(12);
        List<TrackedFrame> expected = server.segmenter
                .orElseThrow()
                .track(pictures(decoded), List.of(FramePrompt.of(11, 1, SegmentPrompt.inside(80, 60))));
        String source = "\"video\": \"" + TestVideos.url(file) + "\"";
        for (String where : List.of("\"frame\": -1", "\"time\": 2.7")) {
            JsonNode answer = segmented(source, "{\"points\": [[80, 60]], " + where + "}", "");
            assertThat(answer.at("/image/times")).hasSize(12);
            assertThat(answer.at("/image/times/11").asDouble()).isEqualTo(2.75);
            for (int i = 0; i < 12; i++) {
                requireSame(
                        answer.at("/data/0/masks/" + i), expected.get(i).masks().getFirst());
            }
        }
    }

    @Test
    void holesAreFilledUnlessThatIsOff() {
        JsonNode filled = segmented(frames(), BOX_IN_FRAME_5, ", \"fill_holes\": true");
        assertThat(filled).isEqualTo(segmented(frames(), BOX_IN_FRAME_5, ""));
        JsonNode open = segmented(frames(), BOX_IN_FRAME_5, ", \"fill_holes\": false");
        assertThat(open).isNotEqualTo(filled);
    }

    private String chat(List<byte[]> pictures, String regions) {
        String parts = pictures.stream()
                .map(it -> "{\"type\": \"image_url\", \"image_url\": {\"url\": \"" + url(it) + "\"}}, ")
                .collect(Collectors.joining());
        return body(parts, regions);
    }

    private static String body(String parts, String regions) {
        return """
                {"model": "golden", "temperature": 0, "max_tokens": 16, "messages": [{"role": "user", "content": [
                  %s{"type": "text", "text": "What is it?"}]}], "regions": [%s]}""".formatted(parts, regions);
    }

    private String described(String body) {
        HttpResponse<String> response = server.post(body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return TestServer.text(response);
    }

    /** The eight frames that a tracked thing is described on: of all, or of those that show it. */
    private static List<Integer> shown(List<TrackedFrame> frames) {
        List<Integer> even = IntStream.of(Sampling.even(frames.size(), 8)).boxed().toList();
        List<Integer> visible = IntStream.range(0, frames.size())
                .filter(i -> !frames.get(i).masks().getFirst().mask().box().isEmpty())
                .boxed()
                .toList();
        return visible.containsAll(even)
                ? even
                : IntStream.of(Sampling.even(visible.size(), 8))
                        .mapToObj(visible::get)
                        .toList();
    }

    @Test
    void aBoxOnOneOfTenPicturesIsDescribedOnEight() {
        List<Integer> frames = shown(tracked);
        String regions = IntStream.range(0, 8)
                .mapToObj(i -> {
                    RunLengths mask = RunLengths.of(
                            tracked.get(frames.get(i)).masks().getFirst().mask());
                    return Json.MAPPER.writeValueAsString(Map.of(
                            "frame",
                            i,
                            "rle",
                            Map.of("size", List.of(mask.height(), mask.width()), "counts", mask.compressed())));
                })
                .collect(Collectors.joining(", "));
        String expected = described(chat(frames.stream().map(clip::get).toList(), regions));
        assertThat(described(chat(clip, BOX_IN_FRAME_5))).isEqualTo(expected);
        assertThat(described(chat(clip, BOX_IN_FRAME_5))).as("from the cache").isEqualTo(expected);
    }

    @Test
    void aMaskMarksTheThingItself() {
        byte[] mask = golden("clip_mask_02.png");
        List<TrackedFrame> expected = server.segmenter
                .orElseThrow()
                .track(pictures(clip), List.of(FramePrompt.of(2, 1, TestServer.READER.readMask(mask))));
        JsonNode region = TestServer.json(server.post(chat(clip, "{\"frame\": 2, \"mask\": \"" + url(mask) + "\"}")
                        .replace("\"regions\"", "\"return_masks\": true, \"regions\"")))
                .at("/choices/0/region/mask");
        requireSame(region, expected.get(shown(expected).getFirst()).masks().getFirst());
    }

    @Test
    void aBoxOnTheLastFrameOfAVideoFile() {
        String video = "{\"type\": \"video_url\", \"video_url\": {\"url\": \"" + TestVideos.url(file) + "\"}}, ";
        String box = "{\"box\": [40, 30, 120, 90], \"frame\": %d, \"id\": \"x\"}";
        String answer = described(body(video, box.formatted(-1)));
        assertThat(described(body(video, box.formatted(11)))).isEqualTo(answer);
        HttpResponse<String> two = server.post(body(
                video, box.formatted(-1) + ", " + box.formatted(0).replace("\"x\"", "\"y\"") + ", {\"whole\": true}"));
        assertThat(TestServer.json(two).path("choices")).hasSize(3);
        assertThat(TestServer.text(two)).isEqualTo(answer);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"points": [[9, 9]], "frame": 10}                        | prompts[0].frame  | between -10 and 9
            {"points": [[9, 9]], "time": 1}                          | prompts[0].time   | only for a video file
            {"points": [[9, 9]], "time": 1, "frame": 1}              | prompts[0].time   | one of the two
            {"points": [[9, 9]]}, {"points": [[8, 8]], "frame": -10} | prompts[1].frame  | marked already, by prompts[0]
            {"points": []}                                           | prompts[0].points | is missing
            {"box": [900, 1, 950, 9]}                                | prompts[0].box    | outside
            """)
    void wrongPromptsAreRefusedByName(String prompts, String param, String message) {
        HttpResponse<String> response = segment(frames(), prompts, "");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        JsonNode error = TestServer.json(response).path("error");
        assertThat(error.path("param").asString()).isEqualTo(param);
        assertThat(error.path("message").asString()).contains(message);
    }

    @Test
    void whatIsNotOneVideoIsRefused() {
        String point = "{\"points\": [[9, 9]]}";
        refused(segment(frames() + ", \"image\": \"data:,\"", point, ""), "frames", "send one of them");
        refused(segment(frames(), point, ", \"candidates\": 3"), "candidates", "must be 1");
        refused(segment("\"frames\": []", point, ""), "frames", "must be a list");
        refused(segment("\"frames\": [7]", point, ""), "frames[0]", "must be a URL");
        String many = "\"frames\": [" + String.join(",", java.util.Collections.nCopies(65, "\"data:,\"")) + "]";
        refused(segment(many, point, ""), "frames", "has 65 entries; this server takes at most 64 frames");
        refused(segment("\"video\": \"data:video/mp4;base64,AAAA\"", point, ""), "video", "must be an MP4");
        String things = IntStream.range(0, 17)
                .mapToObj(it -> "{\"points\": [[9, 9]], \"object\": " + it + "}")
                .collect(Collectors.joining(", "));
        refused(segment(frames(), things, ""), "prompts", "at most 16 things");
    }

    private static void refused(HttpResponse<String> response, String param, String message) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        JsonNode error = TestServer.json(response).path("error");
        assertThat(error.path("param").asString()).isEqualTo(param);
        assertThat(error.path("message").asString()).contains(message);
    }

    @Test
    void disconnectingStopsTracking() throws Exception {
        for (String more : List.of("", ", \"stream\": true")) {
            String body = "{%s, \"prompts\": [%s]%s}".formatted(frames(), BOX_IN_FRAME_5, more);
            long before = server.segmenter.orElseThrow().stats().tracked();
            try (var wire = new Wire(server).send(Wire.postTo("/v1/segmentations", body.getBytes()))) {
                await(() -> server.segmenter.orElseThrow().stats().tracked() > before);
            }
            await(() -> server.segmenter.orElseThrow().stats().underWay() == 0);
        }
        assertThat(segmented(frames(), BOX_IN_FRAME_5, "").at("/data/0/masks")).hasSize(CLIP);
    }

    private static void await(java.util.function.BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(1);
        }
    }
}
