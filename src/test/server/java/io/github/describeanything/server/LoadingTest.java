package io.github.describeanything.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.server.service.NamedModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The server listens from the start and serves once the model is loaded. */
class LoadingTest {
    private final HttpClient client = HttpClient.newHttpClient();

    private HttpResponse<String> send(HttpServer server, String method, String path) throws Exception {
        var uri = URI.create("http://127.0.0.1:" + server.port() + path);
        var request = HttpRequest.newBuilder(uri)
                .header("X-Request-Id", "mine")
                .method(method, HttpRequest.BodyPublishers.ofString(method.equals("POST") ? "{}" : ""));
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void healthIsUpWhileTheModelLoads() throws Exception {
        try (var server = HttpServer.start(ServerConfig.local())) {
            assertThat(send(server, "GET", "/health").body()).isEqualTo("{\"status\":\"ok\"}");
            assertThat(send(server, "GET", "/health/").statusCode()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/ready", "/metrics", "/v1/models", "/", "/page/main.js", "/health/x", "/nope", "/openapi.json"})
    void otherPathsAre503WhileTheModelLoads(String path) throws Exception {
        try (var server = HttpServer.start(ServerConfig.local())) {
            refused(send(server, "GET", path));
        }
    }

    @Test
    void inferenceIs503BeforeTheKeyIsChecked() throws Exception {
        try (var server = HttpServer.start(
                With.keys("secret").apply(ServerConfig.builder()).build())) {
            refused(send(server, "POST", "/v1/chat/completions"));
        }
    }

    @Test
    void refusalsHaveCorsHeaders() throws Exception {
        try (var server = HttpServer.start(ServerConfig.local())) {
            for (String path : new String[] {"/health", "/ready"}) {
                assertThat(send(server, "GET", path).headers().firstValue("Access-Control-Allow-Origin"))
                        .hasValue("*");
            }
            HttpResponse<String> preflight = send(server, "OPTIONS", "/v1/chat/completions");
            assertThat(preflight.statusCode()).isEqualTo(204);
            assertThat(preflight.headers().firstValue("X-Request-Id")).hasValue("mine");
            assertThat(preflight.headers().firstValue("Access-Control-Allow-Headers"))
                    .hasValue("Authorization, Content-Type");
        }
    }

    @Test
    void aLargeUploadIsReadSoThatItsClientGetsTheResponse() throws Exception {
        try (var server = HttpServer.start(ServerConfig.local())) {
            var uri = URI.create("http://127.0.0.1:" + server.port() + "/v1/chat/completions");
            var request = HttpRequest.newBuilder(uri)
                    .header("X-Request-Id", "mine")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[20 << 20]))
                    .build();
            for (int i = 0; i < 20; i++) {
                refused(client.send(request, HttpResponse.BodyHandlers.ofString()));
            }
        }
    }

    @Test
    void noConnectionIsRefusedDuringTheTransition() throws Exception {
        try (var model = DescribeAnything.open(TestServer.bundle("golden-joint-fp32"), TestServer.options(1, 1));
                var server = HttpServer.start(ServerConfig.local())) {
            var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
            var done = new AtomicBoolean();
            var connects = CompletableFuture.supplyAsync(() -> {
                int count = 0;
                while (!done.get()) {
                    try (var socket = new Socket()) {
                        socket.connect(address);
                        count++;
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
                return count;
            });
            server.serve(List.of(NamedModel.of(model)), Optional.empty());
            assertThat(send(server, "GET", "/ready").statusCode()).isEqualTo(200);
            done.set(true);
            assertThat(connects.get()).isPositive();
        }
    }

    @Test
    void aConnectionOpenedWhileLoadingStaysUsable() throws Exception {
        try (var model = DescribeAnything.open(TestServer.bundle("golden-joint-fp32"), TestServer.options(1, 1));
                var server = HttpServer.start(ServerConfig.local())) {
            refused(send(server, "GET", "/ready"));
            server.serve(List.of(NamedModel.of(model)), Optional.empty());
            assertThat(send(server, "GET", "/ready").statusCode()).isEqualTo(200);
            assertThat(send(server, "GET", "/v1/models").body()).contains("golden");
        }
    }

    @Test
    void aPortInUseIsReported() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ServerConfig config =
                    ServerConfig.builder().port(taken.getLocalPort()).build();
            assertThatThrownBy(() -> HttpServer.start(config)).rootCause().hasMessageContaining("in use");
        }
    }

    private static void refused(HttpResponse<String> response) {
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValue("Retry-After")).hasValue("5");
        assertThat(response.headers().firstValue("X-Request-Id")).hasValue("mine");
        assertThat(response.body())
                .isEqualTo("{\"error\":{\"message\":\"The server is loading its model\",\"type\":\"server_error\","
                        + "\"param\":null,\"code\":\"loading\"}}");
    }
}
