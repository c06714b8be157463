package io.github.describeanything.server.openai.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.Wire;
import io.github.describeanything.server.video.Sampling;
import io.github.describeanything.server.video.TestVideos;
import io.github.describeanything.server.video.Video;
import io.github.describeanything.server.video.VideoOptions;
import io.github.describeanything.server.video.Videos;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
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

/** A video file is described as eight of its frames are. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VideoRequestsTest {
    private TestServer server;
    private byte[] file;
    private List<byte[]> eight;
    private List<Integer> described;

    @BeforeAll
    void start() throws IOException {
        server = TestServer.start("golden-joint-fp32");
        file = Files.readAllBytes(TestServer.root().resolve("docs/video/table.mp4"));
        try (Video video = new Videos(VideoOptions.DEFAULT, 64, PictureLimits.DEFAULT).open(file, "v", 1)) {
            assertThat(video.times()).hasSize(48);
            int[] even = Sampling.even(48, 8);
            described = Arrays.stream(even).boxed().toList();
            eight = video.decode(even);
        }
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private static String body(String content, String more) {
        return """
                {"model": "golden", "temperature": 0, "max_tokens": 16, "messages": [{"role": "user", "content": [
                  %s, {"type": "text", "text": "What is it?"}]}]%s}""".formatted(content, more);
    }

    private static String video(String url) {
        return "{\"type\": \"video_url\", \"video_url\": {\"url\": \"" + url + "\"}}";
    }

    private static String picture(byte[] png) {
        return "{\"type\": \"image_url\", \"image_url\": {\"url\": \"data:image/png;base64,"
                + Base64.getEncoder().encodeToString(png) + "\"}}";
    }

    private String pictures() {
        return eight.stream().map(VideoRequestsTest::picture).collect(Collectors.joining(", "));
    }

    private static String regions(String entries) {
        return ", \"regions\": [" + entries + "]";
    }

    private JsonNode answered(String content, String more) {
        HttpResponse<String> response = server.post(body(content, more));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return TestServer.json(response).path("choices");
    }

    private static String text(JsonNode choices) {
        return choices.at("/0/message/content").asString();
    }

    private JsonNode refused(String content, String more) {
        HttpResponse<String> response = server.post(body(content, more));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        return TestServer.json(response).path("error");
    }

    private String box(int frame, String at) {
        return "{\"box\": [%d, 40, %d, 140], \"id\": \"a\", %s}".formatted(50 + frame, 150 + frame, at);
    }

    @Test
    void eightMarkedFramesAreAnsweredAsEightPictures() {
        String ofPictures = IntStream.range(0, 8)
                .mapToObj(i -> box(described.get(i), "\"frame\": " + i))
                .collect(Collectors.joining(", "));
        String expected = text(answered(pictures(), regions(ofPictures)));
        String byFrame =
                described.stream().map(it -> box(it, "\"frame\": " + it)).collect(Collectors.joining(", "));
        String fromTheEnd =
                described.stream().map(it -> box(it, "\"frame\": " + (it - 48))).collect(Collectors.joining(", "));
        String byTime = described.stream()
                .map(it -> box(it, "\"time\": " + it * 11.9 / 47))
                .collect(Collectors.joining(", "));
        for (String entries : List.of(byFrame, fromTheEnd, byTime)) {
            JsonNode choices = answered(video(TestVideos.url(file)), regions(entries));
            assertThat(text(choices)).isEqualTo(expected).isNotEmpty();
            assertThat(choices.at("/0/region/id").asString()).isEqualTo("a");
        }
        String elsewhere = text(answered(video(TestVideos.url(file)), regions("{\"whole\": true}")));
        assertThat(elsewhere).isNotEqualTo(expected);
    }

    @Test
    void theWholeVideoNeedsNoFrame() {
        String ofPictures = IntStream.range(0, 8)
                .mapToObj(i -> "{\"whole\": true, \"frame\": " + i + "}")
                .collect(Collectors.joining(", "));
        String expected = text(answered(pictures(), regions(ofPictures)));
        String url = TestVideos.url(file);
        assertThat(text(answered(video(url), regions("{\"whole\": true}")))).isEqualTo(expected);
        assertThat(text(answered(video(url).replace("What", "@whole What"), regions("{\"whole\": true}"))))
                .isEqualTo(expected);
        String inText = body(video(url), "").replace("What is it?", "@whole What is it?");
        assertThat(TestServer.text(server.post(inText))).isEqualTo(expected);
        String plain = video(url).replace("{\"url\": \"" + url + "\"}", "\"" + url + "\"");
        assertThat(text(answered(plain, regions("{\"whole\": true}")))).isEqualTo(expected);
    }

    @Test
    void anAnswerIsStreamed() {
        HttpResponse<String> response =
                server.post(body(video(TestVideos.url(file)), regions("{\"whole\": true}") + ", \"stream\": true"));
        assertThat(response.body()).contains("\"delta\"").endsWith("data: [DONE]\n\n");
    }

    @Test
    void aGifIsAPictureOrAVideo() {
        byte[] gif = TestVideos.made("gif", "testsrc=size=32x32:rate=5", "-frames:v", "9");
        String url = "data:image/gif;base64," + Base64.getEncoder().encodeToString(gif);
        assertThat(text(answered(video(url), regions("{\"whole\": true}")))).isNotEmpty();
        Picture first = TestServer.READER.read(gif);
        String asPicture = "{\"type\": \"image_url\", \"image_url\": {\"url\": \"" + url + "\"}}";
        assertThat(text(answered(asPicture, regions("{\"whole\": true}"))))
                .isEqualTo(text(answered(
                        "{\"type\": \"image_url\", \"image_url\": {\"url\": \"" + RegionPictures.png(first) + "\"}}",
                        regions("{\"whole\": true}"))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"box": [1, 1, 9, 9]}                           | regions[0].frame | is missing: on a video every entry needs a frame, counted from 0, or a time in seconds
            {"box": [1, 1, 9, 9], "frame": 48}              | regions[0].frame | must be between 0 and 47, or -1 for the last frame
            {"box": [1, 1, 9, 9], "frame": -49}             | regions[0].frame | must be between 0 and 47, or -1 for the last frame
            {"box": [1, 1, 9, 9], "frame": 1.5}             | regions[0].frame | must be an integer
            {"box": [1, 1, 9, 9], "time": 13}               | regions[0].time  | must be at most 11.90, the time of the last frame
            {"box": [1, 1, 9, 9], "time": -1}               | regions[0].time  | must be at least 0
            {"box": [1, 1, 9, 9], "time": 1, "frame": 1}    | regions[0].time  | cannot be sent beside frame: send one of the two
            {"box": [1, 1, 9, 9], "frame": 47}, {"box": [1, 1, 9, 9], "frame": -1} | regions[1].frame | already has an entry with the same id: regions[0]
            """)
    void wrongFramesAreRefusedByName(String entries, String param, String rule) {
        JsonNode error = refused(video(TestVideos.url(file)), regions(entries));
        assertThat(error.path("param").asString()).isEqualTo(param);
        assertThat(error.path("code").asString()).isEqualTo("invalid_value");
        assertThat(error.path("message").asString()).isEqualTo(param + (rule.startsWith(":") ? "" : " ") + rule);
    }

    @Test
    void withoutASegmenterEachDescribedFrameNeedsAnEntry() {
        JsonNode error = refused(video(TestVideos.url(file)), regions("{\"box\": [1, 1, 9, 9], \"frame\": 6}"));
        assertThat(error.path("param").asString()).isEqualTo("regions");
        assertThat(error.path("message").asString())
                .startsWith("regions: the region has no entry for frame 0; a video needs one for each of the 8 frames")
                .contains("--segmenter BUNDLE");
    }

    @Test
    void whatIsNoVideoIsRefusedByName() {
        String param = "messages[0].content[0].video_url";
        String whole = regions("{\"whole\": true}");
        assertThat(refused(video("data:video/mp4;base64,AAAA"), whole)
                        .path("code")
                        .asString())
                .isEqualTo("invalid_video");
        assertThat(refused(video("https://example.org/a.mp4"), whole)
                        .path("message")
                        .asString())
                .isEqualTo("This server does not fetch videos; send them as data URLs: data:video/mp4;base64,…");
        assertThat(refused(video("data:video/mp4;base64,A*"), whole)
                        .path("message")
                        .asString())
                .isEqualTo("The video's data URL is not valid base64");
        assertThat(refused("{\"type\": \"video_url\"}", whole).path("param").asString())
                .isEqualTo(param);
        assertThat(refused(video(TestVideos.url(file)), "").path("code").asString())
                .isEqualTo("missing_mask");
        for (String second : List.of(video(TestVideos.url(file)), picture(eight.getFirst()))) {
            JsonNode error = refused(video(TestVideos.url(file)) + ", " + second, whole);
            assertThat(error.path("code").asString()).isEqualTo("wrong_picture_count");
            assertThat(error.path("param").asString()).endsWith(".video_url");
        }
        String question = body(video(TestVideos.url(file)), "").replace("What is it?", "@box(1, 1, 9, 9)");
        assertThat(TestServer.json(server.post(question)).at("/error/code").asString())
                .isEqualTo("invalid_region");
    }

    @Test
    void aModelOfPicturesTakesNoVideo() {
        try (var images = TestServer.start("golden-image-fp32")) {
            HttpResponse<String> response =
                    images.post(body(video(TestVideos.url(file)), regions("{\"whole\": true}")));
            JsonNode error = TestServer.json(response).path("error");
            assertThat(error.path("message").asString())
                    .isEqualTo("This model takes 1 picture per request, not a video");
            assertThat(error.path("param").asString()).isEqualTo("messages[0].content[0].video_url");
        }
    }

    @Test
    void withoutFfmpegTheErrorNamesTheOption() {
        var none = new VideoOptions("none", 4, 64 << 20, Duration.ofSeconds(30));
        try (var without = TestServer.start("golden-joint-fp32", 1, 1, it -> it.videos(none))) {
            HttpResponse<String> response =
                    without.post(body(video(TestVideos.url(file)), regions("{\"whole\": true}")));
            assertThat(response.statusCode()).isEqualTo(400);
            assertThat(TestServer.json(response).at("/error/code").asString()).isEqualTo("no_ffmpeg");
            assertThat(TestServer.json(response).at("/error/message").asString())
                    .contains("--ffmpeg PATH");
        }
    }

    @Test
    void disconnectingEndsTheProcess() throws Exception {
        byte[] slow =
                TestVideos.made("matroska", "testsrc2=size=1920x1080:rate=25", "-frames:v", "200", "-c:v", "mjpeg");
        String body = body(video(TestVideos.url(slow)), regions("{\"whole\": true}"));
        try (var wire = new Wire(server).send(Wire.post(body))) {
            awaitProcesses(true);
        }
        awaitProcesses(false);
        assertThat(answered(video(TestVideos.url(file)), regions("{\"whole\": true}")))
                .hasSize(1);
    }

    private static void awaitProcesses(boolean some) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (ffmpegRuns() != some) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(1);
        }
    }

    /** Browsers of other tests may run, too. */
    private static boolean ffmpegRuns() {
        return ProcessHandle.current()
                .descendants()
                .anyMatch(it -> it.info().command().orElse("").contains("ffmpeg"));
    }

    @Test
    void metricsCountVideosAndFrames() {
        double videos = metric("dam_video_decode_seconds_count");
        double frames = metric("dam_video_frames_total");
        String box = described.stream()
                .map(it -> "{\"box\": [3, 3, 44, 44], \"frame\": " + it + "}")
                .collect(Collectors.joining(", "));
        answered(video(TestVideos.url(file)), regions(box));
        assertThat(metric("dam_video_decode_seconds_count")).isEqualTo(videos + 1);
        assertThat(metric("dam_video_frames_total")).isEqualTo(frames + 8);
        assertThat(metric("dam_video_decode_seconds_sum")).isPositive();
        answered(video(TestVideos.url(file)), regions(box));
        assertThat(metric("dam_video_frames_total")).as("cached").isEqualTo(frames + 8);
    }

    private double metric(String name) {
        return server.get("/metrics")
                .body()
                .lines()
                .filter(it -> it.startsWith(name + " "))
                .mapToDouble(it -> Double.parseDouble(it.substring(name.length() + 1)))
                .sum();
    }
}
