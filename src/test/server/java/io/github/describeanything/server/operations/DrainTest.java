package io.github.describeanything.server.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.Wire;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** A server that shuts down finishes running answers. */
class DrainTest {
    private static final int TOKENS = 400;
    private static final String STREAM = TestServer.request(TestServer.dataUrl("blob.png"), "", ", \"stream\": true")
            .replace("\"max_tokens\": 16", "\"max_tokens\": 2000, \"ignore_eos\": true");

    @Test
    void runningStreamsFinishAndNewRequestsAreRefused() throws InterruptedException {
        try (var server = TestServer.startPaced("golden-joint-fp32", 2, 2, it -> it)) {
            CompletableFuture<HttpResponse<String>> running;
            CompletableFuture<Void> closing;
            try (var _ = server.slowly()) {
                running = CompletableFuture.supplyAsync(() -> server.post(STREAM));
                await(() -> server.model.stats().running() == 1);
                closing = CompletableFuture.runAsync(server.http::close);
                await(() -> server.get("/ready").statusCode() == 503);
                var head =
                        HttpRequest.newBuilder(URI.create(server.url("/ready"))).HEAD();
                assertThat(server.send(head).statusCode()).isEqualTo(503);
                assertThat(closing).isNotDone();
            }
            assertThat(running.join().body()).endsWith("data: [DONE]\n\n").contains("\"finish_reason\":\"length\"");
            closing.join();
        }
    }

    @Test
    void aFailedStreamEndsWithAnErrorAndDone() throws InterruptedException {
        var server = TestServer.startPaced("golden-joint-fp32", 1, 1, it -> it);
        try (server.http;
                var _ = server.slowly()) {
            var running = CompletableFuture.supplyAsync(() -> server.post(STREAM));
            await(() -> server.model.stats().running() == 1);
            // Wait until the stream has begun.
            Thread.sleep(100);
            server.model.close();
            String body = running.join().body();
            assertThat(body).endsWith("data: [DONE]\n\n");
            String last = body.lines()
                    .filter(it -> it.startsWith("data: {"))
                    .reduce((a, b) -> b)
                    .orElseThrow();
            assertThat(last).startsWith("data: {\"error\":{\"message\":");
        }
    }

    @Test
    void healthWorksWhileABodyIsBeingSent() throws Exception {
        var server = TestServer.start("golden-image-fp32");
        try (var upload = new Wire(server)) {
            upload.send("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{");
            Thread.sleep(200);
            CompletableFuture<Void> closing = CompletableFuture.runAsync(server::close);
            await(() -> server.get("/ready").statusCode() == 503);
            Thread.sleep(500);
            assertThat(server.get("/health").statusCode()).isEqualTo(200);
            assertThat(closing).isNotDone();
            upload.close();
            closing.get(20, TimeUnit.SECONDS);
        }
    }

    /** Four answers, one after the other in one slot. */
    private static String asked() {
        return TestServer.request(TestServer.dataUrl("blob.png"), "", ", \"n\": 4, \"ignore_eos\": true")
                .replace("\"max_tokens\": 16", "\"max_tokens\": " + TOKENS);
    }

    @Test
    void drainFinishesRunningAnswersWhileHealthAndMetricsWork() throws Exception {
        try (var server = TestServer.startPaced("golden-joint-fp32", 1, 8, UnaryOperator.identity())) {
            int port = server.http.port();
            CompletableFuture<HttpResponse<String>> running;
            CompletableFuture<Void> closing;
            try (var _ = server.slowly()) {
                running = CompletableFuture.supplyAsync(() -> server.post(asked()));
                await(() -> server.model.stats().running() == 1);
                closing = CompletableFuture.runAsync(server.http::close);
                await(() -> server.get("/ready").statusCode() == 503);

                var refused = server.post(asked());
                assertThat(refused.statusCode()).isEqualTo(503);
                assertThat(TestServer.json(refused).at("/error/code").asString())
                        .isEqualTo("shutting_down");
                assertThat(refused.headers().firstValue("Retry-After")).isPresent();
                assertThat(TestServer.json(server.get("/ready"))
                                .at("/error/code")
                                .asString())
                        .isEqualTo("shutting_down");
                assertThat(server.get("/health").statusCode()).isEqualTo(200);
                assertThat(server.get("/metrics").body()).contains("dam_ready 0");
                assertThat(closing).isNotDone();
            }

            var answer = running.get(60, TimeUnit.SECONDS);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(TestServer.json(answer).at("/usage/completion_tokens").asInt())
                    .isEqualTo(4 * TOKENS);
            closing.get(20, TimeUnit.SECONDS);
            assertThatThrownBy(() -> new Socket("127.0.0.1", port)).isInstanceOf(ConnectException.class);
        }
    }

    private static void await(BooleanSupplier until) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!until.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(5);
        }
    }
}
