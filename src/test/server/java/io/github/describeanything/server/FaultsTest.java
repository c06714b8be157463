package io.github.describeanything.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.FaultyModel;
import io.github.describeanything.model.api.ModelException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** Out of memory on the host or the device is 503 for the running requests, and the next request is answered. */
@ParameterizedClass
@EnumSource(WireForm.class)
class FaultsTest {
    @Parameter
    private WireForm form;

    private FaultyModel faulty;
    private TestServer server;
    private String good;

    @BeforeEach
    void start() {
        faulty = new FaultyModel(TestServer.bundle("golden-joint-fp32"), TestServer.options(4, 16));
        server = TestServer.over(faulty.model, UnaryOperator.identity()).speaking(form);
        good = TestServer.text(server.post(request("")));
        assertThat(good).isNotEmpty();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static String request(String more) {
        return TestServer.request(TestServer.dataUrl("blob.png"), "", more);
    }

    private static String elsewhere() {
        return TestServer.request(TestServer.dataUrl("portrait.png"), "", "");
    }

    @Test
    void outOfDeviceMemoryWhileDecodingIs503AndReopensTheDecoder() {
        faulty.decoding.add(FaultyModel.outOfMemory());

        outOfMemory(server.post(request("")));

        theNextRequestGetsTheSameAnswer();
        assertThat(faulty.reopened).hasValue(1);
    }

    /** An accepted request that fails is not counted as refused, whatever its status. */
    @Test
    void logAndMetricsBothCallItFailed() {
        var lines = new ListAppender<ILoggingEvent>();
        var log = (Logger) LoggerFactory.getLogger("request");
        lines.start();
        log.addAppender(lines);
        try {
            faulty.decoding.add(FaultyModel.outOfMemory());
            outOfMemory(server.post(request("")));
            // The log line is written after the response.
            theNextRequestGetsTheSameAnswer();
        } finally {
            log.detachAppender(lines);
        }
        assertThat(server.get("/metrics").body())
                .contains("dam_requests_total{model=\"golden\",outcome=\"failed\"} 1.0");
        assertThat(lines.list.getFirst().getFormattedMessage()).contains("status=503 outcome=failed");
    }

    @Test
    void allRunningRequestsFailAndNoneHangs() {
        String slow = request("").replace("\"max_tokens\": 16", "\"max_tokens\": 900, \"ignore_eos\": true");
        List<CompletableFuture<HttpResponse<String>>> crowd = java.util.stream.Stream.generate(
                        () -> CompletableFuture.supplyAsync(() -> server.post(slow), Thread::startVirtualThread))
                .limit(4)
                .toList();
        while (server.model.stats().running() < 4) {
            Thread.onSpinWait();
        }
        faulty.decoding.add(FaultyModel.outOfMemory());

        assertThat(crowd.stream()
                        .map(it -> it.orTimeout(20, TimeUnit.SECONDS).join().statusCode()))
                .containsOnly(503);
        theNextRequestGetsTheSameAnswer();
    }

    @Test
    void aStreamThatRunsOutOfMemoryEndsInAnErrorAndDone() {
        faulty.decoding.add(FaultyModel.outOfMemory());

        String body = server.post(request(", \"stream\": true")).body();

        assertThat(body).contains("\"code\":\"out_of_memory\"").endsWith("data: [DONE]\n\n");
        theNextRequestGetsTheSameAnswer();
    }

    @Test
    void outOfDeviceMemoryWhileEncodingIs503AndReopensTheGraph() {
        faulty.encoding.add(FaultyModel.outOfMemory());

        outOfMemory(server.post(elsewhere()));

        assertThat(server.post(elsewhere()).statusCode()).isEqualTo(200);
        theNextRequestGetsTheSameAnswer();
        assertThat(faulty.reopened).hasValue(1);
    }

    @Test
    void aFullHeapIs503AndKillsNoThread() {
        faulty.encoding.add(new OutOfMemoryError("Java heap space"));
        outOfMemory(server.post(elsewhere()));
        faulty.decoding.add(new OutOfMemoryError("Java heap space"));
        outOfMemory(server.post(request("")));

        assertThat(server.post(elsewhere()).statusCode()).isEqualTo(200);
        theNextRequestGetsTheSameAnswer();
    }

    @Test
    void otherFailuresAre500WithoutDetails() {
        faulty.decoding.add(new IllegalStateException("secret /etc/passwd"));

        HttpResponse<String> failed = server.post(request(""));

        assertThat(failed.statusCode()).isEqualTo(500);
        assertThat(failed.body()).doesNotContain("secret", "/etc", "Exception");
        theNextRequestGetsTheSameAnswer();
    }

    @Test
    void reopeningTheDeviceIsRetried() {
        faulty.reopening.add(FaultyModel.outOfMemory());
        faulty.decoding.add(FaultyModel.outOfMemory());

        outOfMemory(server.post(request("")));

        theNextRequestGetsTheSameAnswer();
    }

    @Test
    void aDeviceThatCannotBeReopenedBreaksTheModel() throws Exception {
        var end = new CompletableFuture<ModelException>();
        faulty.model.whenBroken(end::complete);
        for (int i = 0; i < 3; i++) {
            faulty.reopening.add(FaultyModel.outOfMemory());
        }
        faulty.decoding.add(FaultyModel.outOfMemory());

        var second = new CompletableFuture<HttpResponse<String>>();
        faulty.whenReopening(() -> Thread.startVirtualThread(() -> second.complete(server.post(request("")))));
        outOfMemory(server.post(request("")));
        // It arrived while the decoder was being reopened, and waits for it.
        assertThat(second.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(503);

        assertThat(end.get(10, TimeUnit.SECONDS)).hasMessageContaining("cannot go on");
        HttpResponse<String> after = server.post(request(""));
        assertThat(after.statusCode()).isEqualTo(503);
        assertThat(after.headers().firstValue("Retry-After")).isPresent();
    }

    private void theNextRequestGetsTheSameAnswer() {
        assertThat(TestServer.text(server.post(request("")))).isEqualTo(good);
        DescribeAnything model = server.model;
        assertThat(model.stats().admitted()).as("permits are released").isZero();
    }

    private static void outOfMemory(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(503);
        assertThat(response.headers().firstValue("Retry-After")).isPresent();
        assertThat(TestServer.json(response).at("/error/code").asString()).isEqualTo("out_of_memory");
        assertThat(response.body()).doesNotContain("MatMul", "buffer");
    }
}
