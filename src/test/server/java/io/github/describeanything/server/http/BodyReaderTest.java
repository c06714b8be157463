package io.github.describeanything.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.server.errors.ApiException;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The memory that a parsed body will need is reserved before parsing. */
class BodyReaderTest {
    private static final int BUDGET = 8 << 20;
    private final BodyReader reader = new BodyReader(64 << 20, Duration.ofSeconds(30), new BodyBudget(BUDGET));

    @Test
    void aBodyBeyondTheMemoryForBodiesIsRefused() {
        String text = "{\"a\": \"" + "0123456789abcdef".repeat(BUDGET / 16) + "\"}";
        assertTooLarge(text.getBytes(StandardCharsets.UTF_8), null);
        assertTooLarge(packed(text), "gzip");
    }

    @Test
    void aTextCountsItsOwnLength() throws IOException {
        String text = "{\"a\": \"" + "x".repeat(BUDGET - 200_000) + "\"}";
        for (int i = 0; i < 3; i++) {
            try (RequestBody body = reader.read(request(text.getBytes(StandardCharsets.UTF_8), null))) {
                assertThat(body.json().path("a").asString()).hasSize(BUDGET - 200_000);
                assertThatThrownBy(() -> reader.read(request(text.getBytes(StandardCharsets.UTF_8), null)))
                        .as("the first lease is still open")
                        .isInstanceOfSatisfying(
                                ApiException.class,
                                it -> assertThat(it.status()).isEqualTo(503));
            }
        }
    }

    private void assertTooLarge(byte[] body, @Nullable String encoding) {
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> reader.read(request(body, encoding)))
                    .isInstanceOfSatisfying(ApiException.class, it -> {
                        assertThat(it.status()).isEqualTo(413);
                        assertThat(it.getMessage()).doesNotContain("is larger");
                    });
        }
    }

    private static byte[] packed(String text) {
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static HttpServletRequest request(byte[] body, @Nullable String encoding) {
        return (HttpServletRequest) Proxy.newProxyInstance(
                BodyReaderTest.class.getClassLoader(),
                new Class<?>[] {HttpServletRequest.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getContentLengthLong" -> (long) body.length;
                    case "getHeader" -> encoding;
                    case "getInputStream" -> stream(new ByteArrayInputStream(body));
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    private static ServletInputStream stream(InputStream bytes) {
        return new ServletInputStream() {
            @Override
            public int read() throws IOException {
                return bytes.read();
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                return bytes.read(buffer, offset, length);
            }

            @Override
            public boolean isFinished() {
                return false;
            }

            @Override
            public boolean isReady() {
                return true;
            }

            @Override
            public void setReadListener(ReadListener listener) {
                throw new UnsupportedOperationException();
            }
        };
    }
}
