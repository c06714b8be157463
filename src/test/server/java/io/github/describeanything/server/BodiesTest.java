package io.github.describeanything.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Large, compressed, odd and malformed bodies are limited and do not affect other requests. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BodiesTest {
    private static final int LIMIT = 8 << 20;

    private TestServer server;
    private String good;

    @BeforeAll
    void start() {
        var limits = new Limits(LIMIT, 8, 8, 64, Duration.ofSeconds(10), Duration.ofMillis(500));
        server = TestServer.start("golden-joint-fp32", 4, 64, With.limits(limits));
        good = TestServer.text(server.post(request("", "")));
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @AfterEach
    void theNextValidRequestGetsTheSameAnswer() {
        assertThat(TestServer.text(server.post(request("", "")))).isEqualTo(good);
    }

    private static String request(String question, String more) {
        return TestServer.request(TestServer.dataUrl("blob.png"), question, more);
    }

    private static byte[] padded(int length) {
        byte[] body = new byte[length];
        Arrays.fill(body, (byte) ' ');
        byte[] request = request("", "").getBytes(StandardCharsets.UTF_8);
        System.arraycopy(request, 0, body, length - request.length, request.length);
        return body;
    }

    private HttpResponse<String> post(HttpRequest.BodyPublisher body, String... headers) {
        var request = HttpRequest.newBuilder(URI.create(server.url("/v1/chat/completions")))
                .POST(body);
        return server.send(headers.length == 0 ? request : request.headers(headers));
    }

    @Test
    void aBodyAtTheLimitIsReadAndOneByteMoreIs413() {
        assertThat(post(HttpRequest.BodyPublishers.ofByteArray(padded(LIMIT))).statusCode())
                .isEqualTo(200);
        var over = post(HttpRequest.BodyPublishers.ofByteArray(padded(LIMIT + 1)));
        assertThat(over.statusCode()).isEqualTo(413);
        assertThat(TestServer.json(over).at("/error/code").asString()).isEqualTo("request_too_large");
    }

    @Test
    void aBodyWithoutALengthIs413AtTheLimit() {
        assertThat(post(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(padded(LIMIT))))
                        .statusCode())
                .isEqualTo(200);
        var endless = new Endless();
        int status = 0;
        try {
            status = post(HttpRequest.BodyPublishers.ofInputStream(() -> endless))
                    .statusCode();
        } catch (java.io.UncheckedIOException e) {
            status = 413; // cut off while it was still sending
        }
        assertThat(status).isEqualTo(413);
        assertThat(endless.sent).isLessThan(100L << 20);
    }

    private static final class Endless extends InputStream {
        private volatile long sent;

        @Override
        public int read() {
            sent++;
            return sent < 1L << 30 ? ' ' : -1;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
            Arrays.fill(buffer, offset, offset + length, (byte) ' ');
            sent += length;
            return sent < 1L << 30 ? length : -1;
        }
    }

    @Test
    void aGzipBombIs413WithoutUsingMemory() throws IOException {
        byte[] bomb = zipped(1L << 30);
        assertThat(bomb.length).isLessThan(2 << 20);
        long before = Process.resident();
        for (int i = 0; i < 5; i++) {
            var response = post(HttpRequest.BodyPublishers.ofByteArray(bomb), "Content-Encoding", "gzip");
            assertThat(response.statusCode()).isEqualTo(413);
        }
        assertThat(Process.resident() - before).isLessThan(100L << 20);
    }

    @Test
    void normalCompressionIsReadAndBombsAreRefusedEarly() throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new GZIPOutputStream(out)) {
            zip.write(padded(1 << 20));
        }
        var small = post(HttpRequest.BodyPublishers.ofByteArray(out.toByteArray()), "Content-Encoding", "gzip");
        assertThat(small.statusCode()).isEqualTo(200);
        var bomb = post(HttpRequest.BodyPublishers.ofByteArray(zipped(LIMIT - 1000)), "Content-Encoding", "gzip");
        assertThat(bomb.statusCode()).isEqualTo(413);
        assertThat(bomb.body()).contains("100 times");
    }

    private static byte[] zipped(long zeros) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new GZIPOutputStream(out)) {
            var block = new byte[1 << 16];
            Arrays.fill(block, (byte) ' ');
            for (long left = zeros; left > 0; left -= block.length) {
                zip.write(block);
            }
        }
        return out.toByteArray();
    }

    @Test
    void damagedGzipIs400() throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new GZIPOutputStream(out)) {
            zip.write(request("", "").getBytes(StandardCharsets.UTF_8));
        }
        byte[] whole = out.toByteArray();
        for (byte[] damaged : List.of(
                Arrays.copyOf(whole, 5),
                Arrays.copyOf(whole, whole.length / 2),
                flipped(whole, 2),
                flipped(whole, 2000))) {
            var response = post(HttpRequest.BodyPublishers.ofByteArray(damaged), "Content-Encoding", "gzip");
            assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        }
        assertThat(post(HttpRequest.BodyPublishers.ofByteArray(whole), "Content-Encoding", "gzip")
                        .statusCode())
                .isEqualTo(200);
    }

    private static byte[] flipped(byte[] bytes, int at) {
        byte[] copy = bytes.clone();
        copy[at] ^= 0x55;
        return copy;
    }

    @Test
    void manyLargeBodiesAtOnceDoNotExhaustTheHeap() throws Exception {
        // One array for all callers, which share the heap with the server.
        byte[] large = TestServer.request("data:image/png;base64," + "A".repeat(LIMIT - 10_000), "", "")
                .getBytes(StandardCharsets.UTF_8);
        List<Integer> statuses = new ArrayList<>();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < 40; i++) {
            threads.add(Thread.startVirtualThread(() -> {
                int status = post(HttpRequest.BodyPublishers.ofByteArray(large)).statusCode();
                synchronized (statuses) {
                    statuses.add(status);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(statuses).hasSize(40).isSubsetOf(400, 429, 503).contains(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\":", "[", "{\"a\":[{"})
    void deeplyNestedJsonIs400(String opening) {
        assertThat(server.post(opening.repeat(100_000)).statusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            "temperature": NaN                         | not valid JSON
            "temperature": 1e400                       | temperature
            "temperature": -1                          | temperature
            "n": 1000000000                            | n
            "n": -1                                    | n
            "max_tokens": 2147483648                   | max_tokens
            "max_tokens": 1e400                        | max_tokens
            "seed": 0.5                                | seed
            "temperature": 1, "temperature": 2         | not valid JSON
            "max_tokens": 00012                        | not valid JSON
            "user": "\\ud83d                           | not valid JSON
            """)
    void invalidNumbersAndKeysAre400(String field, String words) {
        String body = request("", "").replace("\"temperature\": 0, \"max_tokens\": 16", field);
        HttpResponse<String> response = server.post(body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(TestServer.json(response).at("/error/message").asString()).contains(words);
    }

    @Test
    void tooManyLogprobsAre400() {
        String all = request("", ", \"logprobs\": true, \"top_logprobs\": 20, \"n\": 8");
        assertThat(server.post(all).statusCode()).isEqualTo(200);
        HttpResponse<String> response = server.post(all.replace("\"max_tokens\": 16", "\"max_tokens\": 1000000"));
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(TestServer.json(response).at("/error/param").asString()).isEqualTo("top_logprobs");
    }

    @Test
    void textAfterTheRequestIs400() {
        assertThat(server.post(request("", "") + "x").statusCode()).isEqualTo(400);
        assertThat(server.post(request("", "") + request("", "")).statusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\\ud83d", "\\ude00", "a\\ud83db", "\\u0000", "\\u0000\\u0007", "\\ud83d\\ude00", "\\uffff"})
    void loneSurrogatesAndControlCharactersGiveValidUtf8(String question) {
        for (String more : List.of("", ", \"stream\": true")) {
            var request = HttpRequest.newBuilder(URI.create(server.url("/v1/chat/completions")))
                    .POST(HttpRequest.BodyPublishers.ofString(request(question, more)));
            HttpResponse<String> response = server.send(request);
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(response.body()))
                    .isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {20_000, 200_000})
    void tooLongPromptsAre400Within250Ms(int words) {
        String body = request("word ".repeat(words), "");
        // The best of several attempts, because other processes may use the machine.
        Duration best = Duration.ofDays(1);
        for (int i = 0; i < 8 && best.toMillis() >= 250; i++) {
            long start = System.nanoTime();
            HttpResponse<String> response = server.post(body);
            Duration taken = Duration.ofNanos(System.nanoTime() - start);
            best = taken.compareTo(best) < 0 ? taken : best;
            assertThat(response.statusCode()).isEqualTo(400);
            assertThat(TestServer.json(response).at("/error/code").asString()).isEqualTo("context_length_exceeded");
        }
        assertThat(best).isLessThan(Duration.ofMillis(250));
    }

    @Test
    void manyImageMarkersAreStrippedInLinearTime() {
        String body = request("<image> ".repeat(125_000), "");
        Duration best = Duration.ofDays(1);
        for (int i = 0; i < 8 && best.toMillis() >= 250; i++) {
            long start = System.nanoTime();
            assertThat(server.post(body).statusCode()).isEqualTo(200);
            Duration taken = Duration.ofNanos(System.nanoTime() - start);
            best = taken.compareTo(best) < 0 ? taken : best;
        }
        assertThat(best).isLessThan(Duration.ofMillis(250));
    }

    @ParameterizedTest
    @ValueSource(strings = {"<image>", "a <image> b", "</s>", "<s></s><unk>", "[/INST]", "<0x00>", "{user}"})
    void controlTokensInQuestionsArePlainText(String question) {
        assertThat(server.post(request(question, "")).statusCode()).isEqualTo(200);
    }

    @Test
    void aThousandPicturesAreRefusedBeforeDecoding() {
        String part = "{\"type\": \"image_url\", \"image_url\": {\"url\": \"data:image/png;base64,AAAA\"}}";
        String parts = String.join(",", java.util.Collections.nCopies(1000, part));
        HttpResponse<String> response =
                server.post("{\"messages\": [{\"role\": \"user\", \"content\": [" + parts + "]}]}");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(TestServer.json(response).at("/error/code").asString()).isEqualTo("wrong_picture_count");
    }

    /** Resident memory of this process. */
    private static final class Process {
        static long resident() {
            try (var lines = java.nio.file.Files.lines(java.nio.file.Path.of("/proc/self/status"))) {
                return lines.filter(it -> it.startsWith("VmRSS:"))
                        .mapToLong(it -> Long.parseLong(it.replaceAll("\\D", "")) << 10)
                        .sum();
            } catch (IOException e) {
                return 0;
            }
        }
    }
}
