package io.github.describeanything.server.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.server.HttpServer;
import io.github.describeanything.server.Limits;
import io.github.describeanything.server.LoadingServer;
import io.github.describeanything.server.ServerConfig;
import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.With;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/** Runs every example of docs/api.md, and checks that every error is documented. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ApiDocumentTest {
    private static final Pattern CODE = Pattern.compile(
            "(?:\\bof\\(\\s*\\d{3}|badRequest\\([^,;]+|refused\\([^,;]+|retryLater\\(\\s*\\d{3}),\\s*\"([a-z_]+)\"");
    private static final Pattern NAMED = Pattern.compile("`([A-Z]\\w+Test\\.\\w+)`");
    private static final Pattern METHOD = Pattern.compile(
            "@(?:Test|MethodSource\\([^)]*\\)|ValueSource\\([^;]*?\\)|CsvSource\\([^;]*?\\))\\s+void (\\w+)\\(");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| ((?:`[a-z_]+`(?:, )?)+) \\| \\d{3} \\|");

    private final CountDownLatch end = new CountDownLatch(1);
    private TestServer plain;
    private TestServer full;
    private TestServer closing;
    private final LoadingServer loading = new LoadingServer();
    private HttpServer keys;
    private HttpServer small;
    private HttpServer remote;
    private Document document;
    private CompletableFuture<?> waiting;

    @BeforeAll
    void start() throws InterruptedException {
        plain = TestServer.start("golden-joint-fp32");
        keys = beside(With.keys("secret"));
        small = beside(With.limits(new Limits(1 << 20, 64, 64, 64, Limits.DEFAULT.idle(), Limits.DEFAULT.keepAlive())));
        remote = beside(With.picturesThatAreNotFound(() -> {}));
        closing = TestServer.start("golden-image-fp32");
        closing.model.drain(Duration.ZERO);
        // The only permit is taken by a request whose picture never arrives.
        full = TestServer.start("golden-image-fp32", 1, 0, With.picturesThatAreNotFound(end::await));
        waiting = CompletableFuture.supplyAsync(
                () -> full.post(TestServer.request("https://pictures.example/cat.png", "", "")));
        while (full.model.stats().admitted() == 0) {
            Thread.sleep(1);
        }
        document = new Document("docs/api.md", this::url);
    }

    @AfterAll
    void stop() {
        end.countDown();
        waiting.join();
        document.close();
        keys.close();
        small.close();
        remote.close();
        loading.close();
        Stream.of(plain, full, closing).forEach(TestServer::close);
    }

    private HttpServer beside(UnaryOperator<ServerConfig.Builder> change) {
        return HttpServer.start(change.apply(ServerConfig.builder()).build(), plain.model);
    }

    private String url(String server) {
        return switch (server) {
            case "" -> plain.url("");
            case "full" -> full.url("");
            case "closing" -> closing.url("");
            case "loading" -> loading.url();
            case "keys" -> "http://127.0.0.1:" + keys.port();
            case "small" -> "http://127.0.0.1:" + small.port();
            case "remote" -> "http://127.0.0.1:" + remote.port();
            default -> throw new IllegalArgumentException(server);
        };
    }

    @TestFactory
    Stream<DynamicTest> theExamples() throws IOException {
        return document.examples();
    }

    @Test
    void everyTestNamedInTheDocumentExists() throws IOException {
        Set<String> tests = new TreeSet<>();
        try (Stream<Path> files = Files.walk(TestServer.root().resolve("src/test/server/java"))) {
            for (Path file :
                    files.filter(it -> it.toString().endsWith("Test.java")).toList()) {
                String name = file.getFileName().toString().replace(".java", "");
                METHOD.matcher(Files.readString(file)).results().forEach(it -> tests.add(name + "." + it.group(1)));
            }
        }
        Set<String> named = NAMED.matcher(Files.readString(TestServer.root().resolve("docs/api.md")))
                .results()
                .map(it -> it.group(1))
                .collect(Collectors.toSet());
        assertThat(named).hasSizeGreaterThan(40);
        assertThat(tests).containsAll(named);
    }

    @Test
    void everyErrorIsDocumentedWithAnExample() throws IOException {
        String text = Files.readString(TestServer.root().resolve("docs/api.md"));
        Set<String> documented = ROW.matcher(text)
                .results()
                .flatMap(it -> Stream.of(it.group(1).replace("`", "").split(", ")))
                .collect(Collectors.toCollection(TreeSet::new));
        // Codes that are not literals in the code, and all others.
        Set<String> thrown = new TreeSet<>(Set.of(
                "context_length_exceeded",
                "missing_mask",
                "empty_mask",
                "invalid_image",
                "image_too_large",
                "model_not_found"));
        try (Stream<Path> sources = Files.walk(TestServer.root().resolve("server/src/main/java"))) {
            for (Path source :
                    sources.filter(it -> it.toString().endsWith(".java")).toList()) {
                CODE.matcher(Files.readString(source)).results().forEach(it -> thrown.add(it.group(1)));
            }
        }
        // Never sent to a client.
        thrown.remove("client_closed_request");
        assertThat(documented).isEqualTo(thrown);

        // Codes that a client cannot cause, and those shown in other documents.
        documented.removeAll(Set.of(
                "internal_error",
                "out_of_memory",
                "model_failed",
                "invalid_region",
                "mask_and_regions",
                "no_segmenter",
                "unknown_digest",
                "stream_not_found",
                "stream_busy",
                "too_many_streams",
                "invalid_video",
                "video_too_large",
                "no_ffmpeg"));
        assertThat(documented).allMatch(code -> text.contains("\n### " + code + "\n"));
    }
}
