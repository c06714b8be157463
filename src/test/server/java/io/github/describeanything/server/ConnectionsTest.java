package io.github.describeanything.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Misbehaving and broken connections end soon and do not affect other requests. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConnectionsTest {
    private static final Duration IDLE = Duration.ofSeconds(2);

    private TestServer server;
    private TestServer locked;
    private String good;

    @BeforeAll
    void start() {
        var limits = new Limits(4 << 20, 8, 8, 64, IDLE, Duration.ofMillis(200));
        server = TestServer.startPaced("golden-joint-fp32", 4, 16, With.limits(limits));
        locked = TestServer.start("golden-joint-fp32", 1, 1, With.keys("key"));
        good = TestServer.text(server.post(request("")));
        assertThat(good).isNotEmpty();
    }

    @AfterAll
    void stop() {
        server.close();
        locked.close();
    }

    @AfterEach
    void theNextValidRequestGetsTheSameAnswerAndAllPermitsAreFree() {
        assertThat(TestServer.text(server.post(request("")))).isEqualTo(good);
        awaitAdmitted(0, Duration.ofSeconds(5));
    }

    private static String request(String more) {
        return TestServer.request(TestServer.dataUrl("blob.png"), "", more);
    }

    private static String endless(String more) {
        return request(more).replace("\"max_tokens\": 16", "\"max_tokens\": 2000, \"ignore_eos\": true");
    }

    @Test
    void slowHeadersAreCutOff() throws Exception {
        try (var wire = new Wire(server)) {
            long start = System.nanoTime();
            wire.send("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n");
            assertThat(drip(wire, "X-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"))
                    .isLessThan(50);
            assertThat(since(start)).isLessThan(Duration.ofSeconds(6));
        }
    }

    @Test
    void slowHeadersAfterAValidRequestAreCutOff() throws Exception {
        try (var wire = new Wire(server)) {
            wire.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(wire.readUntil("\"ok\"}")).startsWith("HTTP/1.1 200");
            wire.send("GET /health HTTP/1.1\r\n");
            assertThat(drip(wire, "X-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"))
                    .isLessThan(50);
        }
    }

    @Test
    void aSlowBodyIsCutOff() throws Exception {
        try (var wire = new Wire(server)) {
            long start = System.nanoTime();
            wire.send("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{");
            assertThat(drip(wire, " ".repeat(60))).isLessThan(50);
            assertThat(since(start)).isLessThan(Duration.ofSeconds(6));
        }
    }

    @Test
    void aBodyThatSlowsDownIsCutOff() throws Exception {
        try (var wire = new Wire(server)) {
            long start = System.nanoTime();
            wire.send("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{\"a\": \"");
            wire.send("x".repeat(500_000));
            assertThat(drip(wire, "x".repeat(100))).isLessThan(80);
            assertThat(since(start)).isLessThan(Duration.ofSeconds(9));
        }
    }

    @Test
    void aMissingBodyIs408() throws Exception {
        try (var wire = new Wire(server)) {
            wire.send("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{");
            String answer = wire.readAll();
            assertThat(answer).startsWith("HTTP/1.1 408").contains("application/json", "\"error\"");
        }
    }

    @Test
    void anIdleConnectionIsClosed() throws Exception {
        try (var wire = new Wire(server)) {
            long start = System.nanoTime();
            wire.readAll();
            assertThat(since(start)).isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void aThousandOpenConnectionsDoNotBlockValidRequests() throws Exception {
        var wires = new ArrayList<Wire>();
        try {
            for (int i = 0; i < 1000; i++) {
                wires.add(new Wire(server).send(i % 2 == 0 ? "" : "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n"));
            }
            long start = System.nanoTime();
            assertThat(server.get("/health").statusCode()).isEqualTo(200);
            assertThat(TestServer.text(server.post(request("")))).isEqualTo(good);
            assertThat(since(start)).isLessThan(Duration.ofSeconds(5));
        } finally {
            for (Wire wire : wires) {
                wire.close();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
                "Content-Length: 5, 6\r\n\r\nhello",
                "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n",
                "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n",
                "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n",
                "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n",
                "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n",
                "Content-Length : 5\r\n\r\nhello",
                "Content-Length: +5\r\n\r\nhello",
                "Content-Length: -1\r\n\r\nhello",
                "Content-Length: 0x5\r\n\r\nhello",
                "Content-Length: 99999999999999999999\r\n\r\nhello",
                "X: a\r\n folded: b\r\n\r\n",
                "Host: y\r\n\r\n",
                "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n",
                "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\nhello\r\n"
            })
    void ambiguousRequestsGetOneRefusal(String rest) throws Exception {
        try (var wire = new Wire(server)) {
            String answer = wire.send("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n" + rest)
                    .readAll();
            assertThat(answer).startsWith("HTTP/1.1 4").contains("\"error\"").doesNotContain("Exception", "jetty");
            assertThat(answer.split("HTTP/1\\.1 ", -1)).as(answer).hasSize(2);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\0\1\2\3\r\n\r\n",
                "GET\r\n\r\n",
                "GET / HTTP/9.9\r\n\r\n",
                "GET /v1/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /v1/models/%2e%2e%2f%2e%2e%2fetc%2fpasswd HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /page/..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /v1/models/a%00b HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /health HTTP/1.1\r\n\r\n"
            })
    void malformedRequestsAreRefusedInJson(String bytes) throws Exception {
        try (var wire = new Wire(server)) {
            String answer = wire.send(bytes).readAll();
            assertThat(answer)
                    .startsWith("HTTP/1.1 4")
                    .contains("\"error\"")
                    .doesNotContain("Exception", "jetty", "root:");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/page/../metrics",
                "/page/%2e%2e/metrics",
                "/page/..;/metrics",
                "/page//../metrics",
                "/metrics/",
                "//metrics",
                "/metrics;/page/",
                "/metrics?/page/",
                "/METRICS",
                "/health/../metrics",
                "/./metrics",
                "/%6detrics"
            })
    void noSpellingOfAPathBypassesTheKeys(String path) throws Exception {
        for (String method : List.of("GET", "HEAD", "POST", "TRACE")) {
            try (var wire = new Wire("127.0.0.1", locked.http.port())) {
                String answer = wire.send(method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                        .readAll();
                assertThat(answer).startsWith("HTTP/1.1 4").doesNotContain("dam_requests");
            }
        }
    }

    @Test
    void optionsStarIsNotFound() throws Exception {
        try (var wire = new Wire(server)) {
            String answer = wire.send("OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                    .readAll();
            assertThat(answer).startsWith("HTTP/1.1 404").contains("\"code\":\"not_found\"");
        }
    }

    @Test
    void tooLargeHeadersAre431() throws Exception {
        try (var wire = new Wire(server)) {
            String answer = wire.send("GET /health HTTP/1.1\r\nHost: x\r\nX: " + "a".repeat(20_000) + "\r\n\r\n")
                    .readAll();
            assertThat(answer).startsWith("HTTP/1.1 431").contains("\"error\"").contains("X-Request-Id: ");
        }
    }

    @Test
    void lineBreaksInIdsAndNamesAreNotReflected() throws Exception {
        for (String header : List.of("X-Request-Id: a\rSet-Cookie: b", "X-Request-Id: a%0d%0aSet-Cookie: b")) {
            try (var wire = new Wire(server)) {
                String answer = wire.send(
                                "GET /v1/models/x%0d%0aSet-Cookie:%20c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                        + header + "\r\n\r\n")
                        .readAll();
                assertThat(answer).startsWith("HTTP/1.1 4").doesNotContain("Set-Cookie");
            }
        }
    }

    @Test
    void aHalfClosedConnectionIsAnswered() throws Exception {
        for (String more : List.of("", ", \"stream\": true")) {
            try (var wire = new Wire(server)) {
                wire.send(Wire.post(
                        request(more).replace("\"max_tokens\": 16", "\"max_tokens\": 300, \"ignore_eos\": true")));
                wire.socket.shutdownOutput();
                String answer = wire.readAll();
                assertThat(answer).as(more).contains("HTTP/1.1 200").contains(more.isEmpty() ? "\"usage\"" : "[DONE]");
            }
        }
    }

    @Test
    void aResetReleasesThePermitWithinASecond() throws Exception {
        for (String more : List.of("", ", \"stream\": true")) {
            try (var _ = server.slowly()) {
                var wire = new Wire(server).send(Wire.post(endless(more)));
                awaitAdmitted(1, Duration.ofSeconds(10));
                wire.socket.setOption(StandardSocketOptions.SO_LINGER, 0);
                wire.close();
                awaitAdmitted(0, Duration.ofSeconds(1));
            }
        }
    }

    @Test
    void disconnectingDuringAFetchReleasesThePermitWithinASecond() throws Exception {
        var never = new CountDownLatch(1);
        try (var waiting = TestServer.start("golden-image-fp32", 1, 0, With.picturesThatAreNotFound(never::await))) {
            for (String more : List.of("", ", \"stream\": true")) {
                for (boolean reset : List.of(true, false)) {
                    String body = TestServer.request("https://pictures.example/cat.png", "", more);
                    var wire = new Wire(waiting).send(Wire.post(body));
                    awaitAdmitted(waiting, 1, Duration.ofSeconds(10));
                    if (reset) {
                        wire.socket.setOption(StandardSocketOptions.SO_LINGER, 0);
                    }
                    wire.close();
                    awaitAdmitted(waiting, 0, Duration.ofSeconds(1));
                }
            }
            String fine = TestServer.request(TestServer.dataUrl("blob.png"), "", "");
            assertThat(waiting.post(fine).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aBodyInPartsIsNotMistakenForAnotherRequest() throws Exception {
        var limits = new Limits(4 << 20, 8, 8, 64, Duration.ofSeconds(30), Duration.ofMillis(200));
        assertThat(limits.head()).isLessThan(limits.idle());
        try (var patient = TestServer.start("golden-image-fp32", 1, 1, With.limits(limits));
                var wire = new Wire(patient)) {
            byte[] request = Wire.post(TestServer.request(TestServer.dataUrl("blob.png"), "", ""));
            wire.send(Arrays.copyOf(request, request.length - 1000));
            Thread.sleep(900);
            wire.send(Arrays.copyOfRange(request, request.length - 1000, request.length));
            wire.readUntil("\"usage\"");
            Thread.sleep(limits.head().plusSeconds(2));
            assertThat(wire.send("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                            .readAll())
                    .contains("HTTP/1.1 200");
        }
    }

    /** As curl sends bodies above a megabyte: the interim response is not the response. */
    @Test
    void aBodyAfter100ContinueIsNotASlowHead() throws Exception {
        var limits = new Limits(4 << 20, 8, 8, 64, Duration.ofSeconds(2), Duration.ofMillis(200));
        try (var quick = TestServer.startPaced("golden-joint-fp32", 1, 1, With.limits(limits));
                var wire = new Wire(quick)) {
            byte[] request = Wire.post(endless(""), "Expect: 100-continue", "Connection: close");
            int head = new String(request, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n") + 4;
            wire.send(Arrays.copyOf(request, head));
            assertThat(wire.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 100");
            wire.send(Arrays.copyOfRange(request, head, request.length - 1000));
            try (var _ = quick.slowly()) {
                Thread.sleep(700);
                wire.send(Arrays.copyOfRange(request, request.length - 1000, request.length));
                Thread.sleep(limits.head().plusSeconds(2));
            }
            assertThat(wire.readAll()).contains("HTTP/1.1 200").contains("\"usage\"");
        }
    }

    @Test
    void closingReleasesThePermitWithinASecond() throws Exception {
        for (String more : List.of("", ", \"stream\": true")) {
            try (var _ = server.slowly()) {
                var wire = new Wire(server).send(Wire.post(endless(more)));
                awaitAdmitted(1, Duration.ofSeconds(10));
                wire.close();
                awaitAdmitted(0, Duration.ofSeconds(1));
            }
        }
    }

    @Test
    void disconnectingWhileQueuedReleasesThePermitWithinASecond() throws Exception {
        try (var busy = TestServer.startPaced("golden-joint-fp32", 1, 4, it -> it);
                var _ = busy.slowly();
                var first = new Wire(busy).send(Wire.post(endless(", \"stream\": true")))) {
            first.readUntil("\"content\"");
            for (String more : List.of("", ", \"stream\": true")) {
                for (boolean reset : List.of(true, false)) {
                    var wire = new Wire(busy).send(Wire.post(endless(more)));
                    awaitAdmitted(busy, 2, Duration.ofSeconds(10));
                    // Long enough for a comment on the waiting stream.
                    Thread.sleep(700);
                    if (reset) {
                        wire.socket.setOption(StandardSocketOptions.SO_LINGER, 0);
                    }
                    wire.close();
                    awaitAdmitted(busy, 1, Duration.ofSeconds(1));
                }
            }
        }
    }

    @Test
    void aClientThatStopsReadingIsCutOff() throws Exception {
        try (var socket = new Socket()) {
            socket.setReceiveBufferSize(4096);
            socket.connect(new java.net.InetSocketAddress("127.0.0.1", server.http.port()));
            String body = endless(", \"stream\": true, \"logprobs\": true, \"top_logprobs\": 20");
            socket.getOutputStream().write(Wire.post(body));
            awaitAdmitted(1, Duration.ofSeconds(10));
            awaitAdmitted(0, Duration.ofSeconds(20));
            // The answer is generated but cannot be written; meanwhile the connection is cut off.
            Thread.sleep(IDLE.multipliedBy(3));
            socket.setSoTimeout(5000);
            var wire = new java.io.ByteArrayOutputStream();
            try {
                socket.getInputStream().transferTo(wire);
            } catch (IOException e) {
                // reset
            }
            assertThat(wire.size()).isLessThan(1 << 20);
            assertThat(wire.toString()).doesNotContain("[DONE]");
        }
    }

    /** Sends byte by byte until that fails. @return how many were sent */
    private static int drip(Wire wire, String bytes) throws InterruptedException {
        for (int i = 0; i < bytes.length(); i++) {
            try {
                wire.send(bytes.substring(i, i + 1));
            } catch (IOException e) {
                return i;
            }
            Thread.sleep(100);
        }
        return bytes.length();
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private void awaitAdmitted(long count, Duration patience) {
        awaitAdmitted(server, count, patience);
    }

    private static void awaitAdmitted(TestServer server, long count, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (server.model.stats().admitted() != count) {
            assertThat(System.nanoTime()).as("stats %s", server.model.stats()).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }
}
