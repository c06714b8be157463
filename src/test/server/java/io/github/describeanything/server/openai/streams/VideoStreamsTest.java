package io.github.describeanything.server.openai.streams;

import static io.github.describeanything.server.GoldenPam.clip;
import static io.github.describeanything.server.GoldenPam.record;
import static io.github.describeanything.server.GoldenPam.segment;
import static io.github.describeanything.server.GoldenPam.segmentOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.server.GoldenPam;
import io.github.describeanything.server.ServerConfig;
import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.With;
import io.github.describeanything.server.http.Json;
import io.github.describeanything.server.service.VideoStreams;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
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
    private static final String STREAMS = "/v1/video/streams";
    private static final String GREEDY = ", \"temperature\": 0, \"max_tokens\": 24, \"repetition_penalty\": 1";

    private static final String FIRST =
            segment(clip(0, 16), ", \"n\": 1, \"region\": {\"box\": [6, 46, 35, 75]}" + GREEDY);

    private TestServer server;

    @BeforeAll
    void start() {
        var limits = new VideoStreams.Limits(2, Duration.ofSeconds(20));
        server = TestServer.start("pam-golden", 2, 64, it -> it.streams(limits));
    }

    @AfterAll
    void stop() {
        server.close();
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

    private String open() {
        List<JsonNode> events = events(server.post(STREAMS, FIRST));
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
                segment(clip(0, 18), ", \"region\": {\"box\": [6, 46, 35, 75]}, \"return_masks\": true" + GREEDY)));
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

        JsonNode second = done(events(server.post(STREAMS + "/" + id, segment(clip(18, 36), GREEDY))));
        assertThat(second.path("segment").asInt()).isEqualTo(1);
        assertThat(second.at("/usage/prompt_tokens").asInt())
                .as("the last caption is in the prompt")
                .isEqualTo(record("stream_1").path("prompt_positions").asInt());
        String expected = record("stream_1").path("greedy_text").asString().strip();
        assertThat(second.path("caption").asString()).startsWith(expected.substring(0, 8));
        assertThat(second.has("mask")).isFalse();

        JsonNode third = done(events(server.post(
                STREAMS + "/" + id, segment(clip(0, 16), ", \"region\": {\"points\": [[20, 60]]}" + GREEDY))));
        assertThat(third.path("segment").asInt()).isEqualTo(2);
        assertThat(third.path("caption").asString()).isNotEmpty();
        assertThat(TestServer.json(delete(id)).path("deleted").asBoolean()).isTrue();
        requireRefused(server.post(STREAMS + "/" + id, segment(clip(0, 16), "")), 404, "");
    }

    @Test
    void streamsAreBoundedInNumber() {
        String one = open();
        String two = open();
        HttpResponse<String> third =
                server.post(STREAMS, segment(clip(0, 16), ", \"region\": {\"box\": [1, 1, 9, 9]}"));
        assertThat(third.statusCode()).as(third.body()).isEqualTo(429);
        assertThat(third.headers().firstValue("Retry-After")).isPresent();
        assertThat(delete(one).statusCode()).isEqualTo(200);
        assertThat(delete(two).statusCode()).isEqualTo(200);
    }

    @Test
    void aSegmentIsRefusedWhileTheOneBeforeIsUnderWay() throws InterruptedException {
        var begun = new CountDownLatch(1);
        var end = new CountDownLatch(1);
        String remote = "{\"frames\": [" + "\"https://pictures.example/1.png\",".repeat(15)
                + "\"https://pictures.example/1.png\"]}";
        try (var beside = beside(With.picturesThatAreNotFound(() -> {
            begun.countDown();
            end.await();
        }))) {
            String id = "/"
                    + events(post(beside, "", FIRST, ""))
                            .getFirst()
                            .path("stream")
                            .asString();
            var first = CompletableFuture.supplyAsync(() -> post(beside, id, remote, ""), Thread::startVirtualThread);
            begun.await();
            HttpResponse<String> second = post(beside, id, segment(clip(16, 32), GREEDY), "");
            end.countDown();
            requireRefused(second, 409, "");
            assertThat(TestServer.json(second).at("/error/code").asString()).isEqualTo("stream_busy");
            requireRefused(first.join(), 400, "frames[0]");
            // The turn is over.
            requireRefused(post(beside, id, "{}", ""), 400, "frames");
        }
    }

    @Test
    void anAbandonedStreamMakesRoomAfterItsIdleTime() throws InterruptedException {
        var limits = new VideoStreams.Limits(1, Duration.ofSeconds(2));
        try (var beside = beside(it -> it.streams(limits))) {
            String id = events(post(beside, "", FIRST, ""))
                    .getFirst()
                    .path("stream")
                    .asString();
            HttpResponse<String> other = post(beside, "", FIRST, "");
            assertThat(other.statusCode()).as(other.body()).isEqualTo(429);
            long start = System.nanoTime();
            do {
                assertThat(System.nanoTime() - start)
                        .isLessThan(Duration.ofMinutes(2).toNanos());
                Thread.sleep(100);
                other = post(beside, "", FIRST, "");
            } while (other.statusCode() == 429);
            assertThat(other.statusCode()).as(other.body()).isEqualTo(200);
            requireRefused(post(beside, "/" + id, FIRST, ""), 404, "");
        }
    }

    @Test
    void aStreamWhoseThingIsLostEndsAndMakesRoom() {
        var limits = new VideoStreams.Limits(1, Duration.ofMinutes(5));
        try (var beside = TestServer.start("pam-golden", 1, 64, it -> it.streams(limits))) {
            String stream = events(post(beside, "", FIRST, ""))
                    .getFirst()
                    .path("stream")
                    .asString();
            var frames = new ArrayList<>(List.of(GoldenPam.url("clip/00016.png")));
            frames.addAll(Collections.nCopies(15, GoldenPam.black()));
            String hidden = segmentOf(frames, ", \"return_masks\": true" + GREEDY);
            List<JsonNode> lost = events(post(beside, "/" + stream, hidden, ""));

            JsonNode done = done(lost);
            assertThat(done.path("segment").asInt()).isEqualTo(1);
            assertThat(done.path("caption").asString()).isNotEmpty();
            assertThat(done.has("box")).isFalse();
            assertThat(done.at("/mask/score").asDouble()).isPositive();
            assertThat(done.at("/mask/later/14/score").asDouble()).isNegative();
            JsonNode end = lost.getLast();
            assertThat(end.path("type").asString()).isEqualTo("stream.ended");
            assertThat(end.path("stream").asString()).isEqualTo(stream);
            assertThat(end.path("reason").asString()).isEqualTo("object_lost");

            HttpResponse<String> next = post(beside, "/" + stream, FIRST, "");
            requireRefused(next, 404, "");
            assertThat(TestServer.json(next).at("/error/code").asString()).isEqualTo("stream_not_found");
            // One stream may be open, and there is one slot.
            assertThat(events(post(beside, "", FIRST, ""))
                            .getLast()
                            .path("type")
                            .asString())
                    .isEqualTo("segment.done");
        }
    }

    @Test
    void streamsNeedAKeyIfTheServerHasKeys() {
        try (var beside = beside(With.keys("secret"))) {
            assertThat(post(beside, "", FIRST, "").statusCode()).isEqualTo(401);
            HttpResponse<String> opened = post(beside, "", FIRST, "secret");
            String id = "/" + events(opened).getFirst().path("stream").asString();
            assertThat(post(beside, id, FIRST, "wrong").statusCode()).isEqualTo(401);
            var delete = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + beside.http.port() + STREAMS + id))
                    .DELETE();
            assertThat(server.send(delete).statusCode()).isEqualTo(401);
            assertThat(server.send(delete.header("Authorization", "Bearer secret"))
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    /** Another server. It has a model of its own, since closing it ends the model's work. */
    private static TestServer beside(UnaryOperator<ServerConfig.Builder> change) {
        return TestServer.start("pam-golden", 2, 64, change);
    }

    private HttpResponse<String> post(TestServer to, String path, String body, String key) {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + to.http.port() + STREAMS + path))
                .POST(HttpRequest.BodyPublishers.ofString(body));
        return server.send(key.isEmpty() ? request : request.header("Authorization", "Bearer " + key));
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
                "16 | , \"region\": {\"box\": [1, 1, 9]} | region.box",
                "16 | , \"region\": {\"box\": [1, 1, 9, 9], \"frame\": 3} | region.frame",
                "16 | , \"region\": {\"box\": [1, 1, 9, 9], \"id\": []} | region.id",
                "16 | , \"region\": {\"box\": [1, 1, 9, 9], \"whole\": true} | region",
                "16 | , \"region\": {\"box\": [1, 1, 9, 9]}, \"n\": 2 | n",
                "15 | , \"region\": {\"box\": [1, 1, 9, 9]} | frames",
                "0 | , \"region\": {\"box\": [1, 1, 9, 9]} | frames",
                "1 | , \"region\": {\"box\": [1, 1, 9, 9]} | frames",
                "16 | , \"region\": {\"box\": [1, 1, 9, 9]}, \"task\": \"label\" | task"
            })
    void invalidSegmentsNameTheField(int count, String more, String param) {
        HttpResponse<String> refused = server.post(STREAMS, segment(clip(0, count), more == null ? "" : more));
        requireRefused(refused, 400, param);
        assertThat(TestServer.json(refused).at("/error/message").asString()).doesNotContain("regions[");
    }

    @Test
    void unknownStreamsAndOtherFamiliesAreRefused() {
        requireRefused(server.post(STREAMS + "/vs_none", segment(clip(0, 16), "")), 404, "");
        assertThat(delete("vs_none").statusCode()).isEqualTo(404);
        try (var dam = TestServer.start("golden-joint-fp32")) {
            requireRefused(
                    dam.post(STREAMS, segment(clip(0, 16), ", \"region\": {\"box\": [1, 1, 9, 9]}")), 400, "model");
        }
    }

    @Test
    void aClipInAChatIsFollowedFromItsFirstFrame() {
        JsonNode golden = record("video_16_frames_points");
        String parts = GoldenPam.parts(clip(20, 36));
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
