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
import io.github.describeanything.server.http.Json;
import io.github.describeanything.server.openai.chat.RegionPictures;
import io.github.describeanything.server.video.TestVideos;
import io.github.describeanything.server.video.Video;
import io.github.describeanything.server.video.VideoOptions;
import io.github.describeanything.server.video.Videos;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What is marked on a frame of a video file is followed through all its sampled frames. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VideoFilesTest {
    private TestServer server;
    private byte[] file;
    private String source;
    private List<Picture> frames;

    @BeforeAll
    void start() {
        server = TestServer.startSegmenting("golden-joint-fp32", "sam-golden", 64);
        file = TestVideos.made("mp4", "testsrc=size=160x120:rate=4", "-frames:v", "12", "-c:v", "mpeg4");
        source = "\"video\": \"" + TestVideos.url(file) + "\"";
        try (Video video = new Videos(VideoOptions.DEFAULT, 64, PictureLimits.DEFAULT).open(file, "v", 1)) {
            frames = video.decode(IntStream.range(0, 12).toArray()).stream()
                    .map(TestServer.READER::read)
                    .toList();
        }
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private List<TrackedFrame> tracked(FramePrompt prompt) {
        return server.segmenter.orElseThrow().track(frames, List.of(prompt));
    }

    private HttpResponse<String> segment(String given, String prompts, String more) {
        return server.post("/v1/segmentations", "{%s, \"prompts\": [%s]%s}".formatted(given, prompts, more));
    }

    private static void requireSame(JsonNode mask, TrackedMask expected) {
        assertThat(mask.at("/rle/counts").asString())
                .isEqualTo(RunLengths.of(expected.mask()).compressed());
        assertThat(mask.path("score").floatValue()).isEqualTo(expected.score());
    }

    @Test
    void aFileIsItsSampledFrames() {
        List<TrackedFrame> expected = tracked(FramePrompt.of(11, 1, SegmentPrompt.inside(80, 60)));
        for (String where : List.of("\"frame\": -1", "\"frame\": 11", "\"time\": 2.7")) {
            HttpResponse<String> response = segment(source, "{\"points\": [[80, 60]], " + where + "}", "");
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            JsonNode masks = TestServer.json(response).at("/data/0/masks");
            assertThat(masks).hasSize(12);
            for (int i = 0; i < 12; i++) {
                assertThat(masks.get(i).path("frame").asInt()).isEqualTo(i);
                assertThat(masks.get(i).path("time").asDouble()).isEqualTo(i / 4.0);
                requireSame(masks.get(i), expected.get(i).masks().getFirst());
            }
        }
    }

    @Test
    void aStreamHasAnEventAFrameWithItsTime() {
        HttpResponse<String> response =
                segment(source, "{\"points\": [[80, 60]], \"frame\": 10}", ", \"stream\": true");
        List<String> events = response.body()
                .lines()
                .filter(it -> it.startsWith("data: "))
                .map(it -> it.substring(6))
                .toList();
        assertThat(events.getLast()).isEqualTo("[DONE]");
        List<JsonNode> visited = events.subList(0, events.size() - 1).stream()
                .map(Json.MAPPER::readTree)
                .toList();
        assertThat(visited.stream().map(it -> it.path("frame").asInt()))
                .containsExactly(10, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
        assertThat(visited)
                .allSatisfy(it -> assertThat(it.path("time").asDouble())
                        .isEqualTo(it.path("frame").asInt() / 4.0));
    }

    private static String body(String parts, String regions) {
        return """
                {"model": "golden", "temperature": 0, "max_tokens": 16, "messages": [{"role": "user", "content": [
                  %s{"type": "text", "text": "What is it?"}]}], "regions": [%s]}""".formatted(parts, regions);
    }

    private HttpResponse<String> described(String regions) {
        String video = "{\"type\": \"video_url\", \"video_url\": {\"url\": \"" + TestVideos.url(file) + "\"}}, ";
        HttpResponse<String> response = server.post(body(video, regions));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response;
    }

    @Test
    void aBoxOnTheLastFrameIsDescribedAsItIsTracked() {
        String box = "{\"box\": [40, 30, 120, 90], \"frame\": %d, \"id\": \"x\"}";
        String answer = TestServer.text(described(box.formatted(-1)));
        assertThat(TestServer.text(described(box.formatted(11)))).isEqualTo(answer);
        String pictures = frames.stream()
                .map(it -> "{\"type\": \"image_url\", \"image_url\": {\"url\": \"" + RegionPictures.png(it) + "\"}}, ")
                .collect(Collectors.joining());
        assertThat(TestServer.text(server.post(body(pictures, box.formatted(-1)))))
                .isEqualTo(answer);
        HttpResponse<String> several = described(
                box.formatted(-1) + ", {\"box\": [1, 1, 50, 50], \"time\": 0, \"id\": \"y\"}, {\"whole\": true}");
        JsonNode choices = TestServer.json(several).path("choices");
        assertThat(choices).hasSize(3);
        assertThat(choices.get(1).at("/region/id").asString()).isEqualTo("y");
        assertThat(TestServer.text(several)).isEqualTo(answer);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"points": [[9, 9]], "frame": 12}                        | prompts[0].frame  | between 0 and 11, or -1 for the last frame
            {"points": [[9, 9]], "time": 9}                          | prompts[0].time   | at most 2.75, the time of the last frame
            {"points": [[9, 9]], "time": 1, "frame": 1}              | prompts[0].time   | one of the two
            {"points": [[9, 9]], "time": 1}, {"points": [[8, 8]], "frame": 4} | prompts[1] | as prompts[0] does
            """)
    void wrongPromptsAreRefusedByName(String prompts, String param, String message) {
        refused(segment(source, prompts, ""), param, message);
    }

    @Test
    void whatIsNotOneVideoIsRefused() {
        String point = "{\"points\": [[9, 9]]}";
        refused(segment(source + ", \"frames\": [\"data:,\"]", point, ""), "video", "cannot be sent beside frames");
        refused(segment(source + ", \"image\": \"data:,\"", point, ""), "image", "one of the two");
        refused(segment("\"video\": 7", point, ""), "video", "must be a URL");
        refused(segment("\"video\": \"data:video/mp4;base64,AAAA\"", point, ""), "video", "must be an MP4");
        refused(segment("\"video\": \"https://a.example/a.mp4\"", point, ""), "video", "does not fetch videos");
        String frame = "\"frames\": [\"" + RegionPictures.png(frames.getFirst()) + "\"]";
        refused(segment(frame, "{\"points\": [[9, 9]], \"time\": 0}", ""), "prompts[0].time", "only for a video file");
    }

    private static void refused(HttpResponse<String> response, String param, String message) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        JsonNode error = TestServer.json(response).path("error");
        assertThat(error.path("param").asString()).isEqualTo(param);
        assertThat(error.path("message").asString()).contains(message);
    }
}
