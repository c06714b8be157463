package io.github.describeanything.server.openai.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.focal.MaskBox;
import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.http.Json;
import io.github.describeanything.server.service.VideoStreams;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Clips and streams of Perceive Anything over HTTP. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VideoStreamsTest {
    private static final Path FOLDER = TestServer.root().resolve("src/test/resources/golden-pam");
    private static final String STREAMS = "/v1/video/streams";
    private static final String GREEDY = ", \"temperature\": 0, \"max_tokens\": 24, \"repetition_penalty\": 1";

    private TestServer server;
    private JsonNode records;

    @BeforeAll
    void start() {
        var limits = new VideoStreams.Limits(2, Duration.ofSeconds(20));
        server = TestServer.start("pam-golden", 2, 64, it -> it.streams(limits));
        records =
                Json.MAPPER.readTree(FOLDER.resolve("reference/reference.json").toFile());
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private JsonNode record(String name) {
        return StreamSupport.stream(records.spliterator(), false)
                .filter(it -> it.path("name").asString().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static String url(String picture) {
        try {
            return "\"data:image/png;base64,"
                    + Base64.getEncoder().encodeToString(Files.readAllBytes(FOLDER.resolve("cases/" + picture))) + "\"";
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static List<String> frames(int from, int to) {
        return IntStream.range(from, to).mapToObj("clip/%05d.png"::formatted).toList();
    }

    private static String segment(List<String> frames, String more) {
        return "{\"frames\": [" + frames.stream().map(VideoStreamsTest::url).collect(Collectors.joining(",")) + "]"
                + more + "}";
    }

    /** The events of an answer, by their data. */
    private static List<JsonNode> events(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.body()).endsWith("data: [DONE]\n\n");
        return response.body()
                .lines()
                .filter(it -> it.startsWith("data: {"))
                .map(it -> Json.MAPPER.readTree(it.substring(6)))
                .toList();
    }

    private static JsonNode done(List<JsonNode> events) {
        return events.stream()
                .filter(it -> it.path("type").asString().equals("segment.done"))
                .findFirst()
                .orElseThrow();
    }

    private static void requireRefused(HttpResponse<String> response, int status, String param) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(TestServer.json(response).at("/error/param").asString("")).isEqualTo(param);
    }

    private String open(String more) {
        List<JsonNode> events = events(server.post(
                STREAMS, segment(frames(0, 16), ", \"region\": {\"box\": [6, 46, 35, 75]}" + GREEDY + more)));
        return events.getFirst().path("stream").asString();
    }

    private HttpResponse<String> delete(String id) {
        return server.send(HttpRequest.newBuilder(URI.create(server.url(STREAMS + "/" + id)))
                .DELETE());
    }

    @Test
    void threeSegmentsCarryTheCaptionAndTheBox() {
        JsonNode golden = record("stream_0");
        List<JsonNode> first = events(server.post(
                STREAMS,
                segment(frames(0, 18), ", \"region\": {\"box\": [6, 46, 35, 75]}, \"return_masks\": true" + GREEDY)));
        String id = first.getFirst().path("stream").asString();
        JsonNode done = done(first);
        assertThat(done.path("caption").asString())
                .isEqualTo(golden.path("greedy_text").asString().strip());
        String streamed = first.stream()
                .filter(it -> it.path("type").asString().equals("segment.delta"))
                .map(it -> it.path("text").asString())
                .collect(Collectors.joining());
        assertThat(streamed).isEqualTo(done.path("caption").asString());
        assertThat(done.at("/usage/prompt_tokens").asInt())
                .isEqualTo(golden.path("prompt_positions").asInt());
        assertThat(done.at("/mask/later")).hasSize(17);
        JsonNode box = done.path("box");
        assertThat(box).isEqualTo(record("stream_1").path("box"));

        JsonNode second = done(events(server.post(STREAMS + "/" + id, segment(frames(18, 36), GREEDY))));
        assertThat(second.path("segment").asInt()).isEqualTo(1);
        assertThat(second.at("/usage/prompt_tokens").asInt())
                .as("the last caption is in the prompt")
                .isEqualTo(record("stream_1").path("prompt_positions").asInt());
        String expected = record("stream_1").path("greedy_text").asString().strip();
        assertThat(second.path("caption").asString()).startsWith(expected.substring(0, 8));
        assertThat(second.has("mask")).isFalse();

        JsonNode third = done(events(server.post(
                STREAMS + "/" + id, segment(frames(0, 16), ", \"region\": {\"points\": [[20, 60]]}" + GREEDY))));
        assertThat(third.path("segment").asInt()).isEqualTo(2);
        assertThat(third.path("caption").asString()).isNotEmpty();
        assertThat(TestServer.json(delete(id)).path("deleted").asBoolean()).isTrue();
        requireRefused(server.post(STREAMS + "/" + id, segment(frames(0, 16), "")), 404, "");
    }

    @Test
    void aLostRegionEndsTheStream() {
        var streams = new VideoStreams(VideoStreams.Limits.DEFAULT);
        var session = new VideoStreams.Session("vs_1", "en");
        streams.add(session);
        var box = Optional.of(new MaskBox(1, 2, 3, 4));
        assertThat(streams.described(session, "A cat.", box)).isTrue();
        assertThat(streams.find("vs_1").caption()).contains("A cat.");
        assertThat(streams.find("vs_1").box()).isEqualTo(box);
        assertThat(streams.described(session, "A street.", Optional.empty())).isFalse();
        assertThatThrownBy(() -> streams.find("vs_1")).hasMessageContaining("No such stream");
    }

    @Test
    void streamsAreBoundedInNumber() {
        String one = open("");
        String two = open("");
        HttpResponse<String> third =
                server.post(STREAMS, segment(frames(0, 16), ", \"region\": {\"box\": [1, 1, 9, 9]}"));
        assertThat(third.statusCode()).as(third.body()).isEqualTo(429);
        assertThat(third.headers().firstValue("Retry-After")).isPresent();
        assertThat(delete(one).statusCode()).isEqualTo(200);
        assertThat(delete(two).statusCode()).isEqualTo(200);
    }

    @Test
    void anAbandonedStreamIsGoneAfterItsIdleTime() throws InterruptedException {
        var streams = new VideoStreams(new VideoStreams.Limits(1, Duration.ofMillis(200)));
        var session = new VideoStreams.Session("vs_1", "en");
        streams.add(session);
        session.begin();
        assertThatThrownBy(session::begin).hasMessageContaining("still being described");
        assertThatThrownBy(streams::requireRoom).hasMessageContaining("as many as this server keeps");
        session.end();
        assertThat(streams.find("vs_1")).isSameAs(session);
        Thread.sleep(300);
        assertThatThrownBy(() -> streams.find("vs_1")).hasMessageContaining("No such stream");
        assertThat(streams.size()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "16 | | region",
                "16 | , \"region\": 3 | region",
                "16 | , \"region\": {\"box\": [9, 9, 1, 1]} | region.box",
                "16 | , \"region\": {\"box\": [1, 1, 9, 9]}, \"language\": \"fr\" | language",
                "15 | , \"region\": {\"box\": [1, 1, 9, 9]} | frames",
                "0 | , \"region\": {\"box\": [1, 1, 9, 9]} | frames",
                "16 | , \"region\": {\"box\": [1, 1, 9, 9]}, \"task\": \"label\" | task"
            })
    void invalidSegmentsNameTheField(int count, String more, String param) {
        requireRefused(server.post(STREAMS, segment(frames(0, count), more == null ? "" : more)), 400, param);
    }

    @Test
    void unknownStreamsAndOtherFamiliesAreRefused() {
        requireRefused(server.post(STREAMS + "/vs_none", segment(frames(0, 16), "")), 404, "");
        assertThat(delete("vs_none").statusCode()).isEqualTo(404);
        try (var dam = TestServer.start("golden-joint-fp32")) {
            requireRefused(
                    dam.post(STREAMS, segment(frames(0, 16), ", \"region\": {\"box\": [1, 1, 9, 9]}")), 400, "model");
        }
    }

    @Test
    void aClipInAChatIsFollowedFromItsFirstFrame() {
        JsonNode golden = record("video_16_frames_points");
        String parts = frames(20, 36).stream()
                .map(it -> "{\"type\": \"image_url\", \"image_url\": {\"url\": " + url(it) + "}}")
                .collect(Collectors.joining(","));
        String region = "{\"frame\": 0, \"points\": [[84, 70], [120, 10]], \"labels\": [1, 0]}";
        String body = "{\"messages\": [{\"role\": \"user\", \"content\": [" + parts
                + "]}], \"task\": \"caption\", \"return_masks\": true, \"regions\": [%s]" + GREEDY + "}";
        HttpResponse<String> response = server.post(body.formatted(region));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonNode choice = TestServer.json(response).at("/choices/0");
        String expected = golden.path("greedy_text").asString().strip();
        assertThat(choice.at("/message/content").asString()).startsWith(expected.substring(0, 20));
        assertThat(choice.at("/region/mask/later")).hasSize(15);
        assertThat(TestServer.json(response).at("/usage/prompt_tokens").asInt())
                .isEqualTo(golden.path("prompt_positions").asInt());

        String later = "{\"frame\": 3, \"box\": [1, 1, 9, 9]}";
        requireRefused(server.post(body.formatted(later)), 400, "regions");
        String both =
                "{\"id\": 1, \"frame\": 0, \"box\": [1, 1, 9, 9]}, {\"id\": 1, \"frame\": 3, \"box\": [1, 1, 9, 9]}";
        requireRefused(server.post(body.formatted(both)), 400, "regions[1].frame");
        requireRefused(server.post(body.formatted(region).replace("\"caption\"", "\"label\"")), 400, "task");
    }
}
