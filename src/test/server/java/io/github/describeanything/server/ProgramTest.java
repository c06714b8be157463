package io.github.describeanything.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.server.http.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the program starts, stops and fails to start. */
class ProgramTest {
    /** Five seconds on an idle machine; builds share theirs. */
    private static final Duration QUICK = Duration.ofSeconds(15);

    private final HttpClient client = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    private ServerProcess start(String... options) {
        return ServerProcess.start(folder.resolve("log"), List.of("-Xmx512m"), options);
    }

    private static String bundle() {
        return TestServer.bundle("golden-joint-fp32").toString();
    }

    private HttpResponse<String> post(int port, String body) {
        try {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
                            .header("Authorization", "Bearer the-secret-key")
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String stream(int tokens) {
        return TestServer.request(TestServer.dataUrl("blob.png"), "", ", \"stream\": true")
                .replace("\"max_tokens\": 16", "\"max_tokens\": %d, \"ignore_eos\": true".formatted(tokens));
    }

    @Test
    void sigtermLets32StreamsFinishAndExitsWith0() throws Exception {
        try (var server = start("--model", bundle(), "--port", "0", "--slots", "8")) {
            int port = server.port();
            List<CompletableFuture<HttpResponse<String>>> streams = IntStream.range(0, 32)
                    .mapToObj(i ->
                            CompletableFuture.supplyAsync(() -> post(port, stream(150)), Thread::startVirtualThread))
                    .toList();
            awaitAccepted(port, 32);

            server.process.destroy();

            assertThat(streams).allSatisfy(it -> assertThat(it.join().body()).endsWith("data: [DONE]\n\n"));
            assertThat(streams).allSatisfy(it -> assertThat(it.join().body()).contains("\"finish_reason\":\"length\""));
            assertThat(server.exitCode(Duration.ofSeconds(10))).as(server.log()).isZero();
        }
    }

    /** ONNX Runtime's telemetry would keep a device id and usage events there, and send them. */
    @Test
    void nothingIsWrittenToTheHomeFolder() throws Exception {
        Path home = Files.createDirectory(folder.resolve("home"));
        var variables = Map.of("HOME", home.toString());
        try (var server = ServerProcess.start(
                folder.resolve("log"), variables, List.of("-Xmx512m"), "--model", bundle(), "--check")) {
            assertThat(server.exitCode(Duration.ofSeconds(60))).as(server.log()).isZero();
        }
        assertThat(home).isEmptyDirectory();
    }

    @Test
    void answersBeyondTheGraceTimeEndInAnError() throws Exception {
        try (var server =
                start("--model", bundle(), "--port", "0", "--slots", "2", "--grace", "1", "--context", "2000")) {
            int port = server.port();
            String streamed = stream(1500).replace("\"stream\": true", "\"stream\": true, \"n\": 8");
            String whole = streamed.replace("\"stream\": true", "\"stream\": false");
            List<CompletableFuture<HttpResponse<String>>> answers = IntStream.range(0, 6)
                    .mapToObj(i -> CompletableFuture.supplyAsync(
                            () -> post(port, i % 2 == 0 ? streamed : whole), Thread::startVirtualThread))
                    .toList();
            awaitAccepted(port, 6);

            server.process.destroy();

            for (int i = 0; i < answers.size(); i++) {
                HttpResponse<String> answer = answers.get(i).join();
                assertThat(answer.statusCode()).isEqualTo(i % 2 == 0 ? 200 : 503);
                assertThat(answer.body()).contains("\"code\":\"shutting_down\"");
                if (i % 2 == 0) {
                    assertThat(answer.body()).endsWith("data: [DONE]\n\n");
                }
            }
            assertThat(server.exitCode(Duration.ofSeconds(10))).as(server.log()).isZero();
            assertThat(server.log().split("outcome=failed", -1)).hasSize(7);
        }
    }

    private void awaitLoading(int port) throws InterruptedException {
        String loading;
        do {
            loading = get(port, "/ready");
        } while (loading.isEmpty());
        assertThat(loading).startsWith("503").contains("\"code\":\"loading\"");
    }

    @Test
    void whileLoadingItIsHealthyButNotReady() throws Exception {
        int port = freePort();
        try (var server = start("--model", bundle(), "--port", Integer.toString(port))) {
            awaitLoading(port);
            assertThat(server.port()).isEqualTo(port);
            assertThat(get(port, "/ready")).isEqualTo("200 {\"status\":\"ready\"}");
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aSignalWhileLoadingExitsWith0() throws Exception {
        int port = freePort();
        try (var server = start("--model", bundle(), "--port", Integer.toString(port))) {
            awaitLoading(port);
            server.process.destroy();
            assertThat(server.exitCode(Duration.ofSeconds(10))).as(server.log()).isZero();
        }
    }

    private static int freePort() throws IOException {
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /** Status and body; empty if nothing listens. */
    private String get(int port, String path) throws InterruptedException {
        try {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
            var response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return response.statusCode() + " " + response.body();
        } catch (IOException e) {
            return "";
        }
    }

    private void awaitAccepted(int port, int count) throws Exception {
        var metrics = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                .build();
        String scrape;
        do {
            scrape = client.send(metrics, HttpResponse.BodyHandlers.ofString()).body();
        } while (!scrape.contains("dam_requests_accepted_total{model=\"golden\"} " + count));
    }

    @Test
    void afterBeingKilledItStartsOnTheSamePort() throws Exception {
        int port = freePort();
        String[] options = {"--model", bundle(), "--port", Integer.toString(port)};
        String answer;
        long cold = System.nanoTime();
        try (var server = start(options);
                var socket = new Socket("127.0.0.1", server.port())) {
            cold = System.nanoTime() - cold;
            answer = TestServer.text(post(port, TestServer.request(TestServer.dataUrl("blob.png"), "", "")));
            socket.getOutputStream().write(Wire.post(stream(1000)));
            assertThat(socket.getInputStream().read()).isEqualTo('H');
            server.process.destroyForcibly().waitFor();
        }
        long again = System.nanoTime();
        try (var server = start(options)) {
            server.port();
            again = System.nanoTime() - again;
            assertThat(TestServer.text(post(port, TestServer.request(TestServer.dataUrl("blob.png"), "", ""))))
                    .isEqualTo(answer);
        }
        assertThat(again).isLessThan(2 * cold + 1_000_000_000L);
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void afterBeingKilledItLeavesNoLibrariesInTheTemporaryFolder() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("temporary"));
        var java = List.of("-Xmx512m", "-Djava.io.tmpdir=" + temporary);
        String[] options = {"--model", bundle(), "--segmenter", "none", "--port", "0"};
        try (var server = ServerProcess.start(folder.resolve("log"), java, options)) {
            server.port();
            server.process.destroyForcibly().waitFor();
        }
        try (var left = Files.walk(temporary)) {
            assertThat(left.filter(Files::isRegularFile)).isEmpty();
        }
    }

    @Test
    void aPortInUseIsOneLineBeforeTheModelIsLoaded() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            refused(
                    start("--model", bundle(), "--port", "" + taken.getLocalPort()),
                    1,
                    "" + taken.getLocalPort(),
                    "in use");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--nope",
                "--port x",
                "--port 70000",
                "--log-format xml",
                "--slots 0",
                "--queue -1",
                "--threads 0",
                "--max-body 0",
                "--max-pixels 0",
                "--context 999999",
                "--device quantum",
                "--api-keys-file /nowhere/keys",
                "--api-keys ,",
                "--grace -1",
                "--image-timeout 0",
                "--max-image 0",
                "--model /nowhere"
            })
    void aBadOptionIsOneLine(String options) {
        String[] all =
                (options.contains("--model") ? options : "--model " + bundle() + " --port 0 " + options).split(" ");
        String option = options.split(" ")[0];
        String word =
                option.equals("--model") ? "/nowhere" : option.substring(2).split("-")[0];
        refused(start(all), -1, word);
    }

    @Test
    void variablesThatResembleActionsAreIgnored() {
        var variables = Map.of("DAM_VERSION", "0.1.0", "DAM_HELP", "true", "DAM_CHECK", "true");
        var java = List.of("-Xmx512m");
        try (var server =
                ServerProcess.start(folder.resolve("log"), variables, java, "--model", bundle(), "--port", "0")) {
            assertThat(server.port()).as(server.log()).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "  \n\t\n"})
    void aKeyFileWithoutKeysIsRefused(String content) throws Exception {
        Path keys = Files.writeString(Files.createTempFile("keys", ""), content);
        refused(start("--model", bundle(), "--port", "0", "--api-keys-file", keys.toString()), -1, "contains no key");
    }

    @Test
    void aMissingGpuIsOneLine() {
        refused(start("--model", bundle(), "--device", "cuda"), 1, "cuda", "");
    }

    @Test
    void aDamagedBundleIsOneLineWithFileAndChecksum() throws Exception {
        Path copy = copyOfBundle();
        byte[] bytes = Files.readAllBytes(copy.resolve("vision.onnx.data"));
        bytes[1000] ^= 1;
        Files.write(copy.resolve("vision.onnx.data"), bytes);
        refused(start("--model", copy.toString(), "--port", "0"), 1, "vision.onnx.data", "SHA-256");
        refused(start("--model", copy.toString(), "--check"), 1, "vision.onnx.data", "SHA-256");
    }

    @Test
    void checkExitsWith0IfTheAnswerMatches() throws Exception {
        try (var server = start("--model", bundle(), "--check")) {
            assertThat(new String(server.process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("as its checkpoint does");
            assertThat(server.exitCode(QUICK)).isZero();
        }
    }

    @Test
    void checkExitsWith1IfTheAnswerDiffers() throws Exception {
        Path copy = copyOfBundle();
        Path golden = copy.resolve("golden.json");
        String before = Files.readString(golden);
        String after = before.replaceFirst("\"greedy_ids\": \\[\\s*\\d+", "\"greedy_ids\": [0");
        assertThat(after).isNotEqualTo(before);
        Files.writeString(golden, after);
        Path manifest = copy.resolve("manifest.json");
        Files.writeString(
                manifest,
                Files.readString(manifest)
                        .replaceFirst("(\"golden.json\": \\{\\s*\"bytes\": )\\d+", "$1" + Files.size(golden))
                        .replace(sha256(before), sha256(after)));
        try (var server = start("--model", copy.toString(), "--check")) {
            assertThat(server.exitCode(Duration.ofSeconds(20))).isEqualTo(1);
            assertThat(server.log())
                    .as("a different answer is not an exception")
                    .isEmpty();
        }
    }

    private static String sha256(String text) throws Exception {
        byte[] sum = java.security.MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        return java.util.HexFormat.of().formatHex(sum);
    }

    private Path copyOfBundle() throws IOException {
        Path copy = Files.createDirectory(folder.resolve("copy"));
        try (var files = Files.list(Path.of(bundle()))) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return copy;
    }

    @Test
    void aTooSmallHeapRefusesOrExitsButNeverHangs() throws Exception {
        var options = List.of("-Xmx40m", "-XX:+UseSerialGC");
        try (var server = ServerProcess.start(folder.resolve("log"), options, "--model", bundle(), "--port", "0")) {
            int port = server.port();
            String large = TestServer.request("data:image/png;base64," + "A".repeat(20 << 20), "", "");
            var outcomes = new ArrayList<Integer>();
            for (int i = 0; i < 4; i++) {
                try {
                    outcomes.add(post(port, large).statusCode());
                } catch (java.io.UncheckedIOException e) {
                    outcomes.add(0);
                }
            }
            assertThat(outcomes).isSubsetOf(0, 413, 503);
            if (server.process.isAlive()) {
                assertThat(post(port, TestServer.request(TestServer.dataUrl("blob.png"), "", ""))
                                .statusCode())
                        .isEqualTo(200);
            } else {
                assertThat(server.exitCode(QUICK)).isNotZero();
            }
        }
    }

    @Test
    void logsAreJsonLinesWithoutSecrets() throws Exception {
        Path keys = Files.writeString(folder.resolve("keys"), "the-secret-key\n");
        try (var server =
                start("--model", bundle(), "--port", "0", "--log-format", "json", "--api-keys-file", keys.toString())) {
            int port = server.port();
            post(port, TestServer.request(TestServer.dataUrl("blob.png"), "a-private-question", ""));
            post(port, TestServer.request("data:image/png;base64,AAAA", "a-private-question", ""));
            post(port, "{\"model\": \"a-private-model\\r\\nX\", \"messages\": [");
            server.process.destroy();
            assertThat(server.exitCode(Duration.ofSeconds(10))).isZero();
            String log = server.log();
            assertThat(log).doesNotContain("the-secret-key", "a-private", "iVBOR", "Exception", folder.toString());
            List<String> requests =
                    log.lines().filter(it -> it.contains("chat/completions")).toList();
            assertThat(requests).hasSize(3);
            assertThat(requests)
                    .allSatisfy(it -> assertThat(
                                    Json.MAPPER.readTree(it).path("outcome").asString())
                            .isIn("done", "invalid"));
            assertThat(Json.MAPPER.readTree(requests.getFirst()).path("time").asString())
                    .startsWith("20");
        }
    }

    private static void refused(ServerProcess process, int status, String... words) {
        long start = System.nanoTime();
        try (process) {
            int code = process.exitCode(Duration.ofSeconds(30));
            long took = System.nanoTime() - start;
            assertThat(code).as(process.log()).isNotZero();
            if (status > 0) {
                assertThat(code).isEqualTo(status);
            }
            assertThat(process.log().strip().lines()).as(process.log()).hasSize(1);
            assertThat(process.log()).contains(words).doesNotContain("Exception");
            assertThat(Duration.ofNanos(took)).isLessThan(QUICK);
        }
    }
}
