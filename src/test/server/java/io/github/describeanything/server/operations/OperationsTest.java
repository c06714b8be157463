package io.github.describeanything.server.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.describeanything.server.Limits;
import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.Wire;
import io.github.describeanything.server.WireForm;
import io.github.describeanything.server.With;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

@ParameterizedClass
@EnumSource(WireForm.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OperationsTest {
    @Parameter
    private WireForm form;

    private static final Duration KEEP_ALIVE = Duration.ofMillis(200);
    private TestServer server;

    @BeforeAll
    void start() {
        server = TestServer.startPaced(
                "golden-joint-fp32",
                1,
                1,
                With.limits(new Limits(1 << 20, 8, 64, 64, Duration.ofSeconds(30), KEEP_ALIVE)));
    }

    @BeforeEach
    void speak() {
        server.speaking(form);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private static String good() {
        return TestServer.request(TestServer.dataUrl("blob.png"), "", "");
    }

    private static String endless() {
        return good().replace("\"max_tokens\": 16", "\"max_tokens\": 2000, \"ignore_eos\": true");
    }

    @Test
    void healthReadinessAndModels() {
        assertThat(server.get("/health").statusCode()).isEqualTo(200);
        assertThat(server.get("/ready").statusCode()).isEqualTo(200);
        var models = TestServer.json(server.get("/v1/models"));
        assertThat(models.at("/data/0/describe_anything/family").asString()).isEqualTo("dam");
        assertThat(models.at("/data/0/id").asString()).isEqualTo("golden");
        assertThat(models.at("/data/1/id").asString()).isEqualTo("describe_anything_model");
        assertThat(TestServer.json(server.get("/v1/models/describe_anything_model"))
                        .path("id")
                        .asString())
                .isEqualTo("describe_anything_model");
    }

    @Test
    void headReturnsTheHeadersOfGet() {
        for (String path :
                List.of("/health", "/ready", "/v1/models", "/v1/models/nope", "/page/nope.js", "/nope", "/")) {
            HttpResponse<String> get = server.get(path);
            HttpResponse<String> head = server.send(
                    HttpRequest.newBuilder(URI.create(server.url(path))).HEAD());
            assertThat(head.statusCode()).as(path).isEqualTo(get.statusCode());
            assertThat(head.headers().firstValue("Content-Type"))
                    .as(path)
                    .isEqualTo(get.headers().firstValue("Content-Type"));
            assertThat(head.body()).isEmpty();
        }
    }

    @Test
    void keysAreRequiredExceptForHealthReadinessAndThePage() {
        try (var locked = TestServer.start("golden-joint-fp32", 1, 1, With.keys("first", "second"))
                .speaking(form)) {
            for (String path : List.of("/v1/models", "/metrics", "/v1/models/golden", "/nope")) {
                assertThat(locked.get(path).statusCode()).as(path).isEqualTo(401);
            }
            for (String path : List.of("/health", "/ready", "/health/", "/ready/", "/")) {
                assertThat(locked.get(path).statusCode()).as(path).isEqualTo(200);
            }
            assertThat(locked.post(good()).statusCode()).isEqualTo(401);
            for (String key : List.of("first", "second")) {
                var request = HttpRequest.newBuilder(URI.create(locked.url("/v1/models")))
                        .header("Authorization", "Bearer " + key);
                assertThat(locked.send(request).statusCode()).isEqualTo(200);
            }
            for (String key : List.of("firs", "first2", "", "third")) {
                var request = HttpRequest.newBuilder(URI.create(locked.url("/v1/models")))
                        .header("Authorization", "Bearer " + key);
                assertThat(locked.send(request).statusCode()).as(key).isEqualTo(401);
            }
        }
    }

    @Test
    void preflightRequestsPass() {
        var preflight = HttpRequest.newBuilder(URI.create(server.url(form.path())))
                .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                .header("Origin", "https://app.example")
                .header("Access-Control-Request-Method", "POST")
                .header("Access-Control-Request-Headers", "authorization, content-type, x-stainless-lang");
        var response = server.send(preflight);
        assertThat(response.statusCode()).isEqualTo(204);
        assertThat(response.headers().firstValue("Access-Control-Allow-Origin")).hasValue("*");
        assertThat(response.headers().firstValue("Access-Control-Allow-Headers").orElseThrow())
                .contains("authorization", "x-stainless-lang");
    }

    @Test
    void pagesOfOtherOriginsMayDeleteStreams() {
        var preflight = HttpRequest.newBuilder(URI.create(server.url("/v1/video/streams/stream_1")))
                .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                .header("Origin", "https://app.example")
                .header("Access-Control-Request-Method", "DELETE");
        assertThat(server.send(preflight)
                        .headers()
                        .firstValue("Access-Control-Allow-Methods")
                        .orElseThrow()
                        .split(", "))
                .contains("GET", "POST", "DELETE");
    }

    @Test
    void safeRequestIdsAreEchoedAndOthersReplaced() {
        var harmless = HttpRequest.newBuilder(URI.create(server.url("/health"))).header("X-Request-Id", "abc-1.2:3");
        assertThat(server.send(harmless).headers().firstValue("X-Request-Id")).hasValue("abc-1.2:3");
        var harmful = HttpRequest.newBuilder(URI.create(server.url("/health"))).header("X-Request-Id", "a b<script>");
        assertThat(server.send(harmful).headers().firstValue("X-Request-Id").orElseThrow())
                .startsWith("req-");
    }

    @Test
    void gzipIsReadAndBombsAreRefused() throws IOException {
        assertThat(server.send(zipped(form.request(good()).getBytes(StandardCharsets.UTF_8)))
                        .statusCode())
                .isEqualTo(200);
        assertThat(server.send(zipped(new byte[50 << 20])).statusCode()).isIn(400, 413);
        var broken = HttpRequest.newBuilder(URI.create(server.url(form.path())))
                .header("Content-Encoding", "gzip")
                .POST(HttpRequest.BodyPublishers.ofString("not gzip"));
        assertThat(server.send(broken).statusCode()).isEqualTo(400);
        var unknown = HttpRequest.newBuilder(URI.create(server.url(form.path())))
                .header("Content-Encoding", "zstd")
                .POST(HttpRequest.BodyPublishers.ofString("?"));
        assertThat(server.send(unknown).statusCode()).isEqualTo(415);
    }

    private HttpRequest.Builder zipped(byte[] body) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new GZIPOutputStream(out)) {
            zip.write(body);
        }
        return HttpRequest.newBuilder(URI.create(server.url(form.path())))
                .header("Content-Encoding", "gzip")
                .POST(HttpRequest.BodyPublishers.ofByteArray(out.toByteArray()));
    }

    @Test
    void aBodyOverTheLimitIs413WithAndWithoutContentLength() {
        byte[] large = new byte[3 << 20];
        java.util.Arrays.fill(large, (byte) ' ');
        var declared = HttpRequest.newBuilder(URI.create(server.url(form.path())))
                .POST(HttpRequest.BodyPublishers.ofByteArray(large));
        assertThat(server.send(declared).statusCode()).isEqualTo(413);
        var chunked = HttpRequest.newBuilder(URI.create(server.url(form.path())))
                .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(large)));
        assertThat(server.send(chunked).statusCode()).isEqualTo(413);
    }

    @Test
    void aFullQueueIs429AtOnceAndHealthStaysFast() {
        CompletableFuture<HttpResponse<String>> running;
        CompletableFuture<HttpResponse<String>> waiting;
        try (var _ = server.slowly()) {
            running = CompletableFuture.supplyAsync(() -> server.post(endless()));
            waiting = CompletableFuture.supplyAsync(() -> server.post(endless()));
            awaitAdmitted(2);
            long start = System.nanoTime();
            var refused = server.post(good());
            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            assertThat(TestServer.json(refused).at("/error/code").asString()).isEqualTo("queue_full");
            // Before anything is decoded.
            assertThat(server.post(TestServer.request("data:image/png;base64,@", "", ""))
                            .statusCode())
                    .isEqualTo(429);
            assertThat(server.get("/health").statusCode()).isEqualTo(200);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
        }
        assertThat(running.join().statusCode()).isEqualTo(200);
        assertThat(waiting.join().statusCode()).isEqualTo(200);
    }

    @Test
    void healthModelsAndMetricsTakeLessThan100MsUnderLoad() {
        CompletableFuture<HttpResponse<String>> running;
        try (var _ = server.slowly()) {
            running = CompletableFuture.supplyAsync(() -> server.post(endless()));
            awaitAdmitted(1);
            for (String path : List.of("/health", "/ready", "/v1/models", "/metrics")) {
                long best = Long.MAX_VALUE;
                for (int i = 0; i < 10; i++) {
                    long start = System.nanoTime();
                    assertThat(server.get(path).statusCode()).isEqualTo(200);
                    best = Math.min(best, System.nanoTime() - start);
                }
                assertThat(Duration.ofNanos(best)).as(path).isLessThan(Duration.ofMillis(100));
            }
            assertThat(server.model.stats().admitted()).as("still busy").isEqualTo(1);
        }
        assertThat(running.join().statusCode()).isEqualTo(200);
    }

    @Test
    void aQueuedStreamIsKeptAliveByCommentsWithItsPlace() throws Exception {
        HttpRequest streamed = HttpRequest.newBuilder(URI.create(server.url(form.path())))
                .POST(HttpRequest.BodyPublishers.ofString(
                        form.request(good().replaceFirst("}$", ", \"stream\": true}"))))
                .build();
        CompletableFuture<HttpResponse<String>> running;
        try (var client = HttpClient.newHttpClient()) {
            var slow = server.slowly();
            running = CompletableFuture.supplyAsync(() -> server.post(endless()));
            // Wait until it has the only slot; with only a permit, the next request might overtake it.
            await(() -> server.model.stats().running() == 1);
            HttpResponse<InputStream> waiting = client.send(streamed, HttpResponse.BodyHandlers.ofInputStream());
            try (var lines = new BufferedReader(new InputStreamReader(waiting.body(), StandardCharsets.UTF_8))) {
                String comment = lines.lines()
                        .dropWhile(it -> !it.startsWith(": ") && !it.contains("delta"))
                        .findFirst()
                        .orElseThrow();
                slow.close();
                assertThat(comment).isEqualTo(": queued 1");
                List<String> rest = lines.lines().filter(it -> !it.isEmpty()).toList();
                assertThat(rest).anyMatch(it -> it.startsWith("data: {"));
                assertThat(rest.getLast()).containsAnyOf("[DONE]", "response.incomplete");
            } finally {
                slow.close();
            }
        }
        assertThat(running.join().statusCode()).isEqualTo(200);
    }

    @Test
    void disconnectingReleasesThePermit() throws Exception {
        for (String stream : List.of("", ", \"stream\": true")) {
            String body = form.request(endless().replaceFirst("}$", stream + "}"));
            double before = cancelled();
            var slow = server.slowly();
            try (var socket = new Socket("127.0.0.1", server.http.port())) {
                byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
                socket.getOutputStream()
                        .write(("POST " + form.path() + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + bytes.length
                                        + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream().write(bytes);
                socket.getOutputStream().flush();
                awaitAdmitted(1);
            }
            // Uncancelled it would take ten seconds.
            long gone = System.nanoTime();
            awaitAdmitted(0);
            assertThat(Duration.ofNanos(System.nanoTime() - gone)).isLessThan(Duration.ofSeconds(3));
            slow.close();
            await(() -> cancelled() == before + 1);
        }
    }

    private double cancelled() {
        return value(server.get("/metrics").body(), "dam_requests_total{outcome=\"cancelled\"}");
    }

    @Test
    void metricsAddUp() {
        server.post(good());
        String scrape = server.get("/metrics").body();
        double accepted = value(scrape, "dam_requests_accepted_total");
        double ended = 0;
        for (String outcome : List.of("stop", "length", "cancelled", "failed")) {
            ended += value(scrape, "dam_requests_total{outcome=\"" + outcome + "\"}");
        }
        assertThat(accepted).isGreaterThan(0).isEqualTo(ended);
        assertThat(value(scrape, "dam_ready")).isEqualTo(1);
        assertThat(scrape)
                .contains(
                        "dam_requests_running",
                        "dam_requests_waiting",
                        "dam_time_to_first_token_seconds_bucket",
                        "dam_inter_token_seconds_bucket",
                        "dam_request_seconds_bucket",
                        "dam_queue_seconds_bucket",
                        "dam_picture_decode_seconds_bucket",
                        "dam_encode_seconds_bucket",
                        "dam_prefill_seconds_bucket",
                        "dam_decode_seconds_bucket",
                        "dam_prompt_tokens_total",
                        "dam_generation_tokens_total",
                        "process_resident_memory_bytes");
    }

    @Test
    void onlyInferenceRequestsAreCounted() throws Exception {
        try (var other =
                TestServer.start("golden-image-fp32", 1, 1, With.keys("key")).speaking(form)) {
            other.get("/v1/models");
            other.get("/favicon.ico");
            assertThat(value(scrape(other), "dam_requests_total{outcome=\"invalid\"}"))
                    .isZero();
            other.post("{}");
            assertThat(value(scrape(other), "dam_requests_total{outcome=\"invalid\"}"))
                    .isEqualTo(1);
        }
    }

    private static String scrape(TestServer locked) {
        return locked.send(HttpRequest.newBuilder(URI.create(locked.url("/metrics")))
                        .header("Authorization", "Bearer key"))
                .body();
    }

    @Test
    void aSharedPromptIsCountedOnce() {
        assumeThat(form).as("has n").isEqualTo(WireForm.CHAT);
        String before = server.get("/metrics").body();
        JsonNode usage = TestServer.json(server.post(good().replaceFirst("}$", ", \"n\": 2, \"seed\": 1}")))
                .path("usage");
        String after = server.get("/metrics").body();
        for (var name : Map.of(
                        "dam_prompt_tokens_total",
                        usage.path("prompt_tokens").asInt(),
                        "dam_cached_tokens_total",
                        usage.at("/prompt_tokens_details/cached_tokens").asInt(),
                        "dam_generation_tokens_total",
                        usage.path("completion_tokens").asInt(),
                        "dam_encode_seconds_count",
                        1,
                        "dam_picture_decode_seconds_count",
                        1,
                        "dam_decode_seconds_count",
                        2)
                .entrySet()) {
            assertThat(value(after, name.getKey()) - value(before, name.getKey()))
                    .as(name.getKey())
                    .isEqualTo(name.getValue().doubleValue());
        }
    }

    @Test
    void garbageCollectionsAreCounted() {
        System.gc();
        await(() -> value(server.get("/metrics").body(), "jvm_gc_live_data_size_bytes") > 0);
    }

    @Test
    void webSocketUpgradesAreTreatedAsPlainRequests() throws Exception {
        String upgrade = " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
        for (var path :
                Map.of("/health", "HTTP/1.1 200", "/nope", "HTTP/1.1 404").entrySet()) {
            try (var wire = new Wire(server)) {
                assertThat(wire.send("GET " + path.getKey() + upgrade).readAll())
                        .startsWith(path.getValue())
                        .contains("X-Request-Id")
                        .doesNotContain("Set-Cookie");
            }
        }
    }

    /** The sum over models. */
    private static double value(String scrape, String name) {
        return scrape.lines()
                .map(it -> it.replaceFirst("model=\"[^\"]*\",?", "").replace("{}", ""))
                .filter(it -> it.startsWith(name + " "))
                .mapToDouble(it -> Double.parseDouble(it.substring(it.lastIndexOf(' '))))
                .sum();
    }

    private void awaitAdmitted(long accepted) {
        await(() -> server.model.stats().admitted() == accepted);
    }

    private void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("stats %s", server.model.stats()).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }
}
