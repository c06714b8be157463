package io.github.describeanything.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The page's files over HTTP: headers, size, no path traversal. */
class PageFilesTest {
    private final ScriptedModel server = new ScriptedModel();
    private final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void stop() {
        server.close();
        client.close();
    }

    private HttpResponse<byte[]> get(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url() + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    @Test
    void thePageHasAStrictPolicyAndNothingInline() throws Exception {
        HttpResponse<byte[]> page = get("");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Type").orElse("")).startsWith("text/html");
        assertThat(page.headers().firstValue("Content-Security-Policy"))
                .hasValueSatisfying(policy -> assertThat(policy)
                        .contains("default-src 'none'", "script-src 'self'", "style-src 'self'")
                        .doesNotContain("unsafe"));
        assertThat(page.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(new String(page.body(), StandardCharsets.UTF_8))
                .doesNotContainPattern("<style|\\sstyle=|\\son[a-z]+=|<script(?![^>]*src=)|https?://");
    }

    @Test
    void anUnchangedFileIsNotSentAgain() throws Exception {
        HttpResponse<byte[]> first = get("page/main.js");
        assertThat(first.headers().firstValue("Content-Type").orElse("")).startsWith("text/javascript");
        HttpResponse<byte[]> second = get(
                "page/main.js",
                "If-None-Match",
                first.headers().firstValue("ETag").orElseThrow());
        assertThat(second.statusCode()).isEqualTo(304);
        assertThat(second.body()).isEmpty();
    }

    @Test
    void noPathLeavesTheFolder() throws Exception {
        for (String path : List.of(
                "page/nothing.js", "page/%2e%2e/logback.xml", "page/..%2flogback.xml", "page/Page.class", "page/")) {
            assertThat(get(path).statusCode()).as(path).isBetween(400, 404);
        }
    }

    @Test
    void thePageIsSmallerThan250KilobytesWithoutPictures() throws Exception {
        try (Stream<Path> files =
                Files.list(Path.of(Page.class.getResource("/page").toURI()))) {
            String index = new String(get("").body(), StandardCharsets.UTF_8);
            long bytes = 0;
            for (Path file : files.filter(f -> !f.toString().endsWith(".png")).toList()) {
                assertThat(get("page/" + file.getFileName()).statusCode()).isEqualTo(200);
                assertThat(file.toString().endsWith(".js") && !index.contains("\"page/" + file.getFileName() + '"'))
                        .as("%s is preloaded", file)
                        .isFalse();
                bytes += Files.size(file);
            }
            assertThat(bytes).isLessThan(250_000);
        }
    }
}
