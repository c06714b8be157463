package io.github.describeanything.server.openai.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.server.Limits;
import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.With;
import io.github.describeanything.server.video.TestVideos;
import io.github.describeanything.server.video.Video;
import io.github.describeanything.server.video.VideoOptions;
import io.github.describeanything.server.video.Videos;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.util.Base64;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Perceive Anything describes a video file as it describes the frames that are sampled of it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClipFilesTest {
    private static final int FRAMES = 18;
    private static final String BOX = "{\"frame\": 0, \"box\": [60, 40, 200, 180]}";

    private TestServer server;
    private byte[] file;

    @BeforeAll
    void start() throws IOException {
        var limits = new Limits(64L << 20, 64, 64, FRAMES, Limits.DEFAULT.idle(), Limits.DEFAULT.keepAlive());
        server = TestServer.start("pam-other", 2, 64, With.limits(limits));
        file = Files.readAllBytes(TestServer.root().resolve("docs/video/table.mp4"));
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private HttpResponse<String> ask(String parts, String region) {
        return server.post("{\"messages\": [{\"role\": \"user\", \"content\": [" + parts
                + "]}], \"task\": \"caption\", "
                + "\"temperature\": 0, \"max_tokens\": 8, \"return_masks\": true, \"regions\": [" + region + "]}");
    }

    private JsonNode answer(String parts, String region) {
        HttpResponse<String> response = ask(parts, region);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return TestServer.json(response);
    }

    private static String video(byte[] file) {
        return "{\"type\": \"video_url\", \"video_url\": {\"url\": \"" + TestVideos.url(file) + "\"}}";
    }

    private static String picture(byte[] png) {
        return "{\"type\": \"image_url\", \"image_url\": {\"url\": \"data:image/png;base64,"
                + Base64.getEncoder().encodeToString(png) + "\"}}";
    }

    @Test
    void aFileIsAnsweredAsItsFramesAre() {
        String pictures;
        try (Video opened = new Videos(VideoOptions.DEFAULT, FRAMES, PictureLimits.DEFAULT).open(file, "v", 1)) {
            assertThat(opened.times()).hasSize(FRAMES);
            pictures = opened.decode(IntStream.range(0, FRAMES).toArray()).stream()
                    .map(ClipFilesTest::picture)
                    .collect(Collectors.joining(","));
        }
        JsonNode ofFile = answer(video(file), BOX);
        assertThat(ofFile.at("/choices/0/message/content").asString()).isNotEmpty();
        assertThat(ofFile.at("/choices/0/region/mask/later")).hasSize(FRAMES - 1);
        assertThat(ofFile.path("choices")).isEqualTo(answer(pictures, BOX).path("choices"));
        assertThat(ofFile.path("choices"))
                .isEqualTo(answer(video(file), BOX.replace("\"frame\"", "\"time\""))
                        .path("choices"));

        HttpResponse<String> later = ask(video(file), BOX.replace("\"frame\": 0", "\"frame\": -1"));
        assertThat(later.statusCode()).as(later.body()).isEqualTo(400);
        assertThat(TestServer.json(later).at("/error/param").asString()).isEqualTo("regions");
    }

    /** At the usual rate, these would be three. */
    @Test
    void sixteenFramesOfAShortFileAreSampled() {
        JsonNode sixteen = answer(video(TestVideos.gray("64x48", "30", 24)), "{\"whole\": true}");
        assertThat(sixteen.at("/choices/0/region/mask/later")).hasSize(15);
        assertThat(sixteen.at("/usage/prompt_tokens"))
                .as("of more, sixteen are described")
                .isEqualTo(answer(video(file), BOX).at("/usage/prompt_tokens"));
    }

    @Test
    void theWholePictureIsItsBox() {
        JsonNode boxed = answer(video(file), "{\"frame\": 0, \"box\": [0, 0, 320, 240]}");
        assertThat(answer(video(file), "{\"whole\": true}").path("choices")).isEqualTo(boxed.path("choices"));
        assertThat(answer(video(file), "{\"frame\": 0, \"whole\": true}").path("choices"))
                .isEqualTo(boxed.path("choices"));
    }

    @Test
    void aFileOfFewerFramesIsRefused() {
        HttpResponse<String> refused =
                ask(video(TestVideos.gray("64x48", "30", 15)), "{\"frame\": 0, \"box\": [1, 1, 20, 20]}");
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(400);
        JsonNode error = TestServer.json(refused).path("error");
        assertThat(error.path("param").asString()).isEqualTo("messages[0].content[0].video_url");
        assertThat(error.path("code").asString()).isEqualTo("wrong_picture_count");
        assertThat(error.path("message").asString()).endsWith("has 15 frames; this model takes 16 or more");
    }
}
