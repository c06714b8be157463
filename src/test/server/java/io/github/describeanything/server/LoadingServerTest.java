package io.github.describeanything.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

class LoadingServerTest {
    private final HttpClient client = HttpClient.newHttpClient();

    private HttpResponse<String> send(LoadingServer server, String method, String path) throws Exception {
        var uri = URI.create("http://127.0.0.1:" + server.port() + path);
        var request = HttpRequest.newBuilder(uri)
                .header("X-Request-Id", "mine")
                .method(method, HttpRequest.BodyPublishers.ofString(method.equals("POST") ? "{}" : ""));
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void itIsAliveAndNothingElse() throws Exception {
        try (var server = LoadingServer.start(ServerConfig.local())) {
            assertThat(send(server, "GET", "/health").body()).isEqualTo("{\"status\":\"ok\"}");
            assertThat(send(server, "GET", "/health/").statusCode()).isEqualTo(200);
            for (String path : new String[] {"/ready", "/metrics", "/v1/models", "/", "/health/x", "/nope"}) {
                refused(send(server, "GET", path));
            }
            refused(send(server, "POST", "/v1/chat/completions"));
        }
    }

    @Test
    void pagesOfOtherOriginsMayReadWhatItSays() throws Exception {
        try (var server = LoadingServer.start(ServerConfig.local())) {
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
    void aLargeRequestHearsItToo() throws Exception {
        try (var server = LoadingServer.start(ServerConfig.local())) {
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

    private static void refused(HttpResponse<String> response) {
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValue("Retry-After")).hasValue("5");
        assertThat(response.headers().firstValue("X-Request-Id")).hasValue("mine");
        assertThat(response.body())
                .isEqualTo("{\"error\":{\"message\":\"The server is loading its model\",\"type\":\"server_error\","
                        + "\"param\":null,\"code\":\"loading\"}}");
    }

    @Test
    void thePortIsFreeAtOnceThoughClientsKeepTheirConnections() throws Exception {
        int port;
        try (var server = LoadingServer.start(ServerConfig.local())) {
            port = server.port();
            send(server, "GET", "/health");
            server.close();
            try (var again = LoadingServer.start(ServerConfig.local().on(port))) {
                assertThat(again.port()).isEqualTo(port);
                assertThat(send(again, "GET", "/health").statusCode()).isEqualTo(200);
            }
        }
    }

    @Test
    void aPortInUseIsSaid() throws IOException {
        try (var taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> LoadingServer.start(ServerConfig.local().on(taken.getLocalPort())))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("in use");
        }
    }
}
