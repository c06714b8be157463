package io.github.describeanything.server.openai.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.With;
import io.github.describeanything.server.http.Json;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StreamingTest {
    private TestServer server;

    @BeforeAll
    void start() {
        server = TestServer.startPaced("golden-joint-fp32", 4, 64, UnaryOperator.identity());
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private static String request(String more) {
        return TestServer.request(TestServer.dataUrl("blob.png"), "", ", \"stream\": true" + more);
    }

    private static List<String> data(HttpResponse<String> response) {
        return response.body()
                .lines()
                .filter(it -> it.startsWith("data: "))
                .map(it -> it.substring(6))
                .toList();
    }

    private static List<JsonNode> chunks(HttpResponse<String> response) {
        return data(response).stream()
                .filter(it -> !it.equals("[DONE]"))
                .map(Json.MAPPER::readTree)
                .toList();
    }

    @Test
    void theRoleIsFirstAndDoneIsLast() {
        HttpResponse<String> response = server.post(request(""));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/event-stream");
        assertThat(response.headers().firstValue("Content-Encoding")).isEmpty();
        assertThat(data(response).getLast()).isEqualTo("[DONE]");
        List<JsonNode> chunks = chunks(response);
        assertThat(chunks.getFirst().at("/choices/0/delta/role").asString()).isEqualTo("assistant");
        assertThat(chunks.stream().filter(it -> it.at("/choices/0/delta").has("role")))
                .hasSize(1);
        // finish_reason is in every chunk and null before the last one, as OpenAI's schema requires; nothing else is
        // null.
        assertThat(chunks).allMatch(it -> it.at("/choices/0").has("finish_reason"));
        assertThat(chunks.stream().map(it -> it.at("/choices/0/finish_reason")).filter(it -> !it.isNull()))
                .containsExactly(chunks.getLast().at("/choices/0/finish_reason"));
        for (String constant : List.of("id", "created", "model", "object")) {
            assertThat(chunks.stream().map(it -> it.path(constant)).distinct())
                    .as(constant)
                    .hasSize(1);
        }
        assertThat(chunks.getFirst().path("created").isIntegralNumber()).isTrue();
        assertThat(response.body().replace("\"finish_reason\":null", ""))
                .doesNotContain("null")
                .doesNotContain("\"finish_reason\":\"\"");
    }

    @Test
    void deltasJoinToTheAnswerAndNoCharacterIsSplit() {
        HttpResponse<String> streamed = server.post(request(""));
        String joined = chunks(streamed).stream()
                .map(it -> it.at("/choices/0/delta/content").asString(""))
                .collect(Collectors.joining());
        String whole = TestServer.text(server.post(TestServer.request(TestServer.dataUrl("blob.png"), "", "")));
        assertThat(joined).isEqualTo(whole);
    }

    @Test
    void anEmptyAnswerHasEmptyTextInsteadOfNull() {
        String whole = TestServer.text(server.post(TestServer.request(TestServer.dataUrl("blob.png"), "", "")));
        String stop = ", \"stop\": " + Json.MAPPER.writeValueAsString(whole.substring(0, 1));
        assertThat(TestServer.text(server.post(TestServer.request(TestServer.dataUrl("blob.png"), "", stop))))
                .isEmpty();
        List<JsonNode> chunks = chunks(server.post(request(stop)));
        assertThat(chunks).hasSize(1);
        assertThat(chunks.getFirst().at("/choices/0").toString())
                .isEqualTo("{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},"
                        + "\"finish_reason\":\"stop\"}");
    }

    @Test
    void usageIsLastAndOnlyOnRequest() {
        assertThat(chunks(server.post(request(""))).stream().filter(it -> it.has("usage")))
                .isEmpty();
        List<JsonNode> chunks = chunks(server.post(request(", \"stream_options\": {\"include_usage\": true}")));
        JsonNode last = chunks.getLast();
        assertThat(last.path("choices").isEmpty()).isTrue();
        JsonNode usage = last.path("usage");
        assertThat(usage.path("completion_tokens").asInt()).isEqualTo(16);
        assertThat(usage.path("total_tokens").asInt())
                .isEqualTo(usage.path("prompt_tokens").asInt() + 16);
    }

    @Test
    void bothPathsWorkWithAndWithoutATrailingSlash() {
        String body = TestServer.request(TestServer.dataUrl("portrait.png"), "What is it?", "");
        String expected = TestServer.text(server.post("/v1/chat/completions", body));
        assertThat(expected).isNotEmpty();
        for (String path : List.of("/chat/completions", "/v1/chat/completions/", "/chat/completions/")) {
            assertThat(TestServer.text(server.post(path, body))).as(path).isEqualTo(expected);
        }
    }

    @Test
    void chunksAreFlushedAndNotCompressed() throws Exception {
        String endless = request("").replace("\"max_tokens\": 16", "\"max_tokens\": 2000, \"ignore_eos\": true");
        HttpRequest asking = HttpRequest.newBuilder(URI.create(server.url("/v1/chat/completions")))
                .header("Accept-Encoding", "gzip, br")
                .POST(HttpRequest.BodyPublishers.ofString(endless))
                .build();
        try (var client = HttpClient.newHttpClient();
                var _ = server.slowly()) {
            HttpResponse<InputStream> response = client.send(asking, HttpResponse.BodyHandlers.ofInputStream());
            assertThat(response.headers().firstValue("Content-Encoding")).isEmpty();
            try (var lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
                assertThat(lines.readLine()).startsWith("data: {");
                assertThat(server.model.stats().running()).as("still running").isEqualTo(1);
            }
        }
    }

    @Test
    void severalAnswersAreInterleaved() {
        List<JsonNode> chunks = chunks(server.post(request(", \"n\": 3")));
        var texts = new ArrayList<>(List.of("", "", ""));
        for (JsonNode chunk : chunks) {
            int index = chunk.at("/choices/0/index").asInt();
            texts.set(
                    index,
                    texts.get(index) + chunk.at("/choices/0/delta/content").asString(""));
        }
        String whole = TestServer.text(server.post(TestServer.request(TestServer.dataUrl("blob.png"), "", "")));
        assertThat(texts).containsOnly(whole);
        assertThat(chunks.stream()
                        .filter(it -> it.at("/choices/0/finish_reason").isString()))
                .hasSize(3);
    }

    @Test
    void withDamClientsTheBarePathStreamsLists() {
        try (var compatible = TestServer.start("golden-joint-fp32", 2, 8, With.listDeltasOnBarePath())) {
            JsonNode part = chunks(compatible.post("/chat/completions", request("")))
                    .getFirst()
                    .at("/choices/0/delta/content/0");
            assertThat(part.path("type").asString()).isEqualTo("text");
            assertThat(part.path("text").asString()).isNotEmpty();
            assertThat(chunks(compatible.post("/v1/chat/completions", request("")))
                            .getFirst()
                            .at("/choices/0/delta/content")
                            .isString())
                    .isTrue();
        }
    }
}
