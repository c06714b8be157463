package io.github.describeanything.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.model.FaultyModel;
import io.github.describeanything.server.service.NamedModel;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two models in one server: what happens to one does not happen to the other. */
class SeveralModelsFaultsTest {
    private FaultyModel first;
    private FaultyModel second;
    private TestServer server;

    @BeforeEach
    void start() {
        first = new FaultyModel(TestServer.bundle("golden-joint-fp32"), TestServer.options(1, 1));
        second = new FaultyModel(TestServer.bundle("other-odd-fp32"), TestServer.options(1, 1));
        server = TestServer.over(
                List.of(new NamedModel("first", first.model), new NamedModel("second", second.model)),
                Optional.empty());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static String request(String model) {
        return TestServer.request(TestServer.dataUrl("blob.png"), "", "").replace("\"golden\"", "\"" + model + "\"");
    }

    private static String stream(String model) {
        return request(model)
                .replace("\"max_tokens\": 16", "\"max_tokens\": 300, \"ignore_eos\": true, \"stream\": true");
    }

    private CompletableFuture<HttpResponse<String>> begin(FaultyModel model, String body) throws InterruptedException {
        var answer = CompletableFuture.supplyAsync(() -> server.post(body), Thread::startVirtualThread);
        await(() -> model.model.stats().running() == 1);
        return answer;
    }

    @Test
    void aStepThatFailsFailsOnlyItsOwnModelsAnswers() throws Exception {
        String good = TestServer.text(server.post(request("second")));
        CompletableFuture<HttpResponse<String>> other;
        try (var _ = first.slowly()) {
            other = begin(first, stream("first"));
            second.decoding.add(FaultyModel.outOfMemory());
            assertThat(server.post(request("second")).statusCode()).isEqualTo(503);
        }
        assertThat(other.join().body()).endsWith("data: [DONE]\n\n").contains("\"finish_reason\":\"length\"");
        assertThat(TestServer.text(server.post(request("second"))))
                .as("the device was reopened")
                .isEqualTo(good);
        assertThat(second.reopened).hasValue(1);
        assertThat(first.reopened).hasValue(0);
    }

    @Test
    void aModelThatCannotBeReopenedIsRefusedAndTheOtherAnswers() throws Exception {
        for (int i = 0; i < 3; i++) {
            second.reopening.add(FaultyModel.outOfMemory());
        }
        second.decoding.add(FaultyModel.outOfMemory());
        assertThat(server.post(request("second")).statusCode()).isEqualTo(503);
        await(second.model::broken);

        HttpResponse<String> refused = server.post(request("second"));
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(TestServer.json(refused).at("/error/code").asString()).isEqualTo("model_failed");
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        assertThat(server.post(request("first")).statusCode()).isEqualTo(200);
        assertThat(server.get("/ready").statusCode()).isEqualTo(200);
        assertThat(metric("dam_model_ready{model=\"first\"}")).isEqualTo(1);
        assertThat(metric("dam_model_ready{model=\"second\"}")).isZero();
    }

    @Test
    void aFullQueueRefusesOnlyItsOwnRequests() throws Exception {
        CompletableFuture<HttpResponse<String>> running;
        CompletableFuture<HttpResponse<String>> waiting;
        try (var _ = first.slowly()) {
            running = begin(first, stream("first"));
            waiting = CompletableFuture.supplyAsync(() -> server.post(stream("first")), Thread::startVirtualThread);
            await(() -> first.model.stats().admitted() == 2);
            assertThat(server.post(request("first")).statusCode()).isEqualTo(429);
            assertThat(server.post(request("second")).statusCode()).isEqualTo(200);
        }
        assertThat(running.join().statusCode()).isEqualTo(200);
        assertThat(waiting.join().statusCode()).isEqualTo(200);
        assertThat(metric("dam_requests_total{model=\"first\",outcome=\"refused\"}"))
                .isEqualTo(1);
        assertThat(metric("dam_requests_total{model=\"second\",outcome=\"refused\"}"))
                .isZero();
    }

    @Test
    void metricsAreLabelledByModel() {
        server.post(request("first"));
        server.post(request("second"));
        server.post(request("second"));
        server.post(request("second").replace("\"temperature\": 0", "\"top_p\": 7"));
        server.post(request("nope"));
        server.post("{");

        assertThat(metric("dam_requests_accepted_total{model=\"first\"}")).isEqualTo(1);
        assertThat(metric("dam_requests_accepted_total{model=\"second\"}")).isEqualTo(2);
        assertThat(metric("dam_requests_total{model=\"first\",outcome=\"length\"}"))
                .isEqualTo(1);
        assertThat(metric("dam_requests_total{model=\"second\",outcome=\"length\"}"))
                .isEqualTo(2);
        assertThat(metric("dam_requests_total{model=\"\",outcome=\"invalid\"}")).isEqualTo(3);
        assertThat(metric("dam_time_to_first_token_seconds_count{model=\"second\"}"))
                .isEqualTo(2);
        assertThat(metric("dam_slots{model=\"second\"}")).isEqualTo(1);
        assertThat(metric("dam_region_cache_misses_total{model=\"first\"}")).isEqualTo(1);
    }

    @Test
    void drainingRefusesForBothAndLetsTheAnswersOfBothFinish() throws Exception {
        CompletableFuture<HttpResponse<String>> one;
        CompletableFuture<HttpResponse<String>> two;
        CompletableFuture<Void> closing;
        try (var _ = first.slowly();
                var _ = second.slowly()) {
            one = begin(first, stream("first"));
            two = begin(second, stream("second"));
            closing = CompletableFuture.runAsync(server.http::close);
            await(() -> server.get("/ready").statusCode() == 503);
            for (String model : List.of("first", "second")) {
                await(() -> TestServer.json(server.post(request(model)))
                        .at("/error/code")
                        .asString()
                        .equals("shutting_down"));
            }
            assertThat(closing).isNotDone();
        }
        for (var answer : List.of(one, two)) {
            assertThat(answer.join().body()).endsWith("data: [DONE]\n\n").contains("\"finish_reason\":\"length\"");
        }
        closing.join();
    }

    private double metric(String name) {
        return server.get("/metrics")
                .body()
                .lines()
                .filter(it -> it.startsWith(name + " "))
                .mapToDouble(it -> Double.parseDouble(it.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow();
    }

    private static void await(BooleanSupplier until) throws InterruptedException {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!until.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(5);
        }
    }
}
