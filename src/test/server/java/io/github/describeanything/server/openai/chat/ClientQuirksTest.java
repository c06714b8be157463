package io.github.describeanything.server.openai.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.server.TestServer;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Quirks of real clients that no specification mentions. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClientQuirksTest {
    private static final String URL = TestServer.dataUrl("blob.png");
    private static final String BASE64 = URL.substring(URL.indexOf(',') + 1);

    private TestServer server;
    private String expected;

    @BeforeAll
    void start() {
        server = TestServer.start("golden-joint-fp32");
        expected = TestServer.text(server.post(TestServer.request(URL, "What is it?", "")));
        assertThat(expected).isNotEmpty();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    static List<String> spellings() {
        String lines = BASE64.replaceAll("(.{76})", "$1\\\\r\\\\n");
        return List.of(
                "DATA:IMAGE/PNG;BASE64," + BASE64,
                "data:image/png;charset=utf-8;base64," + BASE64,
                "data:;base64," + BASE64,
                "data:image/jpeg;base64," + BASE64,
                "data:image/png;base64, " + BASE64,
                "  data:image/png;base64," + BASE64 + "\\n",
                "data:image/png;base64," + lines,
                "data:image/png;base64," + BASE64.replaceAll("=+$", ""),
                "data:image/png;base64," + BASE64.replace('+', '-').replace('/', '_'),
                "data:image/png;base64,"
                        + BASE64.replace("+", "%2B").replace("/", "%2f").replace("=", "%3D"),
                "data:image/png;base64," + BASE64.substring(0, 40) + "%0D%0A%20" + BASE64.substring(40),
                "data:image/png," + percentEncoded(Base64.getDecoder().decode(BASE64)));
    }

    /** Percent-encodes every byte that is not a letter, as RFC 2397 allows instead of base64. */
    private static String percentEncoded(byte[] bytes) {
        var out = new StringBuilder();
        for (byte it : bytes) {
            boolean letter = it >= 'A' && it <= 'Z' || it >= 'a' && it <= 'z';
            out.append(letter ? Character.toString(it) : "%%%02X".formatted(it & 0xFF));
        }
        return out.toString();
    }

    @ParameterizedTest
    @MethodSource("spellings")
    void dataUrlsAreReadInEverySpellingThatClientsUse(String url) {
        assertThat(BASE64).contains("+", "/");
        assertThat(TestServer.text(server.post(TestServer.request(url, "What is it?", ""))))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data:image/png,rawbytes",
                "data:image/png;base64",
                "data:image/png;base64,",
                "data:image/png;base64,   ",
                "data:image/png;base64,AAA*",
                "data:image/png;base64,AAA%",
                "data:image/png;base64,AAA%2",
                "data:image/png;base64,AA%zz",
                "data:image/png,%",
                "data:image/png;base64,A"
            })
    void malformedDataUrlsAreRefusedByField(String url) {
        HttpResponse<String> response = server.post(TestServer.request(url, "", ""));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(TestServer.json(response).at("/error/param").asString())
                .isEqualTo("messages[0].content[0].image_url");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[{'role': 'user', 'content': [{'type': 'image_url', 'image_url': 'URL'}, {'type': 'text', 'text':"
                        + " 'What is it?'}]}]",
                "[{'role': 'user', 'content': [{'type': 'image_url', 'image_url': {'url': 'URL', 'detail': 'high'}},"
                        + " {'type': 'text', 'text': 'What is it?'}]}]",
                "[{'role': 'user', 'content': [{'type': 'text', 'text': 'What is it?'}, {'type': 'image_url',"
                        + " 'image_url': 'URL'}]}]",
                "[{'role': 'user', 'content': [{'type': 'text', 'text': 'What is '}, {'type': 'text', 'text': 'it?'},"
                        + " {'type': 'image_url', 'image_url': 'URL'}]}]",
                "[{'role': 'user', 'content': [{'type': 'image_url', 'image_url': 'URL'}]}, {'role': 'user',"
                        + " 'content': 'What is it?'}]",
                "[{'role': 'system', 'content': 'Be brief.'}, {'role': 'developer', 'content': [{'type': 'text',"
                        + " 'text': 'Really.'}]}, {'role': 'user', 'name': 'me', 'content': [{'type': 'image_url',"
                        + " 'image_url': 'URL'}, {'type': 'text', 'text': 'What is it?'}]}]",
                "[{'role': 'user', 'content': [{'type': 'image_url', 'image_url': 'URL'}, {'type': 'text', 'text':"
                        + " 'And that?'}]}, {'role': 'assistant', 'content': 'A thing.'}, {'role': 'user', 'content':"
                        + " 'What is it?'}]",
                "[{'role': 'user', 'content': [{'type': 'image_url', 'image_url': 'URL'}]}, {'role': 'assistant',"
                        + " 'content': null, 'refusal': null}, {'role': 'user', 'content': 'What is it?'}]",
                "[{'role': 'user', 'content': [{'type': 'image_url', 'image_url': 'URL'},"
                        + " {'type': 'text', 'text': 'Image: <image>\\nWhat is it?'}]}]",
                "[{'role': 'user', 'content': [{'type': 'image_url', 'image_url': 'URL'},"
                        + " {'type': 'text', 'text': '\\u0085Image:\\u00a0<image>\\u202fWhat is it?\\u2007'}]}]",
                "[{'role': 'user', 'content': [{'type': 'image_url', 'image_url': 'URL'},"
                        + " {'type': 'text', 'text': 'What is it?'}]}, {'role': 'assistant', 'content': 'It is'}]"
            })
    void contentMayBeAStringOrPartsInAnyOrder(String messages) {
        String body = "{\"temperature\": 0, \"max_tokens\": 16, \"messages\": "
                + messages.replace('\'', '"').replace("\n", "\\n").replace("URL\"", URL + "\"") + "}";
        HttpResponse<String> response = server.post(body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(TestServer.text(response)).isEqualTo(expected);
    }

    @Test
    void requestsWithoutAPictureAreRefusedBeforeTheModel() {
        long before =
                server.model.stats().featureMisses() + server.model.stats().featureHits();
        String title = "{\"model\": \"describe_anything_model\", \"stream\": false, \"max_completion_tokens\": 1000,"
                + " \"messages\": [{\"role\": \"user\", \"content\": \"### Task:\\nGenerate a title\"}]}";
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            long start = System.nanoTime();
            HttpResponse<String> response = server.post(title);
            best = Math.min(best, System.nanoTime() - start);
            assertThat(response.statusCode()).isEqualTo(400);
            assertThat(TestServer.json(response).at("/error/code").asString()).isEqualTo("missing_image");
        }
        assertThat(best).as("nanoseconds").isLessThan(100_000_000L);
        assertThat(server.model.stats().featureMisses() + server.model.stats().featureHits())
                .isEqualTo(before);
    }

    @Test
    void aWrongBaseUrlIsExplained() {
        for (String path : List.of(
                "/v1/chat/completions/chat/completions", "/v1/chat/completions/models", "/v1/v1/chat/completions")) {
            HttpResponse<String> response = path.endsWith("models") ? server.get(path) : server.post(path, "{}");
            assertThat(response.statusCode()).as(path).isEqualTo(404);
            assertThat(TestServer.json(response).at("/error/message").asString())
                    .contains("base URLs of clients end in /v1");
        }
    }

    @Test
    void aClientThatOffersHttp2IsAnsweredOnHttp1() {
        HttpResponse<String> response =
                server.send(HttpRequest.newBuilder(URI.create(server.url("/v1/chat/completions")))
                        .version(java.net.http.HttpClient.Version.HTTP_2)
                        .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(
                                TestServer.request(URL, "What is it?", "").getBytes()))));
        assertThat(response.version()).isEqualTo(java.net.http.HttpClient.Version.HTTP_1_1);
        assertThat(TestServer.text(response)).isEqualTo(expected);
    }

    @Test
    void a20MegabyteBodyIsRead() {
        String padding = ", \"padding\": \"" + "x".repeat(20_000_000) + "\"";
        assertThat(TestServer.text(server.post(TestServer.request(URL, "What is it?", padding))))
                .isEqualTo(expected);
    }
}
