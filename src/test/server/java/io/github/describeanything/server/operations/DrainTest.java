package io.github.describeanything.server.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.server.TestServer;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A server that stops finishes what it began. */
class DrainTest {
    private static final String STREAM = TestServer.request(TestServer.dataUrl("blob.png"), "", ", \"stream\": true")
            .replace("\"max_tokens\": 16", "\"max_tokens\": 2000, \"ignore_eos\": true");

    @Test
    void runningStreamsFinishWhileNewRequestsAreTurnedAway() throws InterruptedException {
        try (var server = TestServer.start("golden-joint-fp32", 2, 2, it -> it)) {
            var running = CompletableFuture.supplyAsync(() -> server.post(STREAM));
            awaitRunning(server);
            var closing = CompletableFuture.runAsync(server.http::close);
            var ready = HttpRequest.newBuilder(URI.create(server.url("/ready")));
            HttpResponse<String> refused = null;
            while (!running.isDone()) {
                try {
                    HttpResponse<String> response = server.send(ready);
                    refused = response.statusCode() == 503 ? response : refused;
                } catch (java.io.UncheckedIOException e) {
                    // It is closed by now.
                }
            }
            assertThat(refused).isNotNull();
            assertThat(running.join().body()).endsWith("data: [DONE]\n\n").contains("\"finish_reason\":\"length\"");
            closing.join();
        }
    }

    @Test
    void aStreamThatBreaksEndsWithAnErrorAndDone() throws InterruptedException {
        var server = TestServer.start("golden-joint-fp32", 1, 1, it -> it);
        try (server.http) {
            var running = CompletableFuture.supplyAsync(() -> server.post(STREAM));
            awaitRunning(server);
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

    private static void awaitRunning(TestServer server) throws InterruptedException {
        while (server.model.load().running() == 0) {
            Thread.sleep(1);
        }
        Thread.sleep(20);
    }
}
