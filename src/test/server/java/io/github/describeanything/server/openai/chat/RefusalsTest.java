package io.github.describeanything.server.openai.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.http.Json;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Client errors name the field and do not affect other requests. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RefusalsTest {
    private TestServer server;
    private TestServer imageOnly;
    private String good;

    @BeforeAll
    void start() {
        server = TestServer.start("golden-joint-fp32");
        imageOnly = TestServer.start("golden-image-fp32");
        good = TestServer.text(server.post(TestServer.request(TestServer.dataUrl("blob.png"), "", "")));
        assertThat(good).isNotEmpty();
    }

    @AfterAll
    void stop() {
        server.close();
        imageOnly.close();
    }

    @AfterEach
    void theNextValidRequestGetsTheSameAnswer() {
        String again = TestServer.text(server.post(TestServer.request(TestServer.dataUrl("blob.png"), "", "")));
        assertThat(again).isEqualTo(good);
    }

    @Test
    void refusesAnEmptyMask() throws IOException {
        var clear = new BufferedImage(64, 48, BufferedImage.TYPE_INT_ARGB);
        refused(
                server.post(about(encoded(clear, "png"))),
                400,
                "messages[0].content[0].image_url",
                "empty_mask",
                "alpha");
    }

    @Test
    void refusesAPictureWithoutAlpha() throws IOException {
        var opaque = new BufferedImage(64, 48, BufferedImage.TYPE_INT_RGB);
        refused(
                server.post(about(encoded(opaque, "png"))),
                400,
                "messages[0].content[0].image_url",
                "missing_mask",
                "alpha");
    }

    @Test
    void refusesAJpegWithoutARegion() throws IOException {
        var opaque = new BufferedImage(64, 48, BufferedImage.TYPE_INT_RGB);
        refused(
                server.post(about(encoded(opaque, "jpg"))),
                400,
                "messages[0].content[0].image_url",
                "missing_mask",
                "alpha");
    }

    @Test
    void refusesTwoPicturesOnAnImageModel() {
        refused(imageOnly.post(pictures(2)), 400, "messages", "wrong_picture_count", "exactly 1 picture");
    }

    @Test
    void refusesSevenFrames() {
        refused(server.post(pictures(7)), 400, "messages", "wrong_picture_count", "1 picture, or 8 frames");
    }

    @Test
    void refusesAThousandPicturesBeforeDecoding() {
        refused(server.post(pictures(1000)), 400, "messages", "wrong_picture_count", "not 1000");
    }

    @Test
    void refusesAnUnknownModel() {
        for (String name : new String[] {"gpt-4o", "../../etc/passwd", "a\\u0000b", "%2e%2e"}) {
            String body = TestServer.request(TestServer.dataUrl("blob.png"), "", "")
                    .replace("\"golden\"", "\"" + name + "\"");
            refused(server.post(body), 404, "model", "model_not_found", "golden");
        }
    }

    @Test
    void refusesBadBase64() {
        refused(
                server.post(about("data:image/png;base64,@@@@")),
                400,
                "messages[0].content[0].image_url",
                "invalid_image_url",
                "base64");
    }

    @Test
    void refusesAFileThatIsNotAPicture() {
        String html = Base64.getEncoder().encodeToString("<html></html>".getBytes());
        refused(
                server.post(about("data:image/png;base64," + html)),
                400,
                "messages[0].content[0].image_url",
                "invalid_image",
                "");
    }

    @Test
    void refusesAPixelBomb() {
        // A header of 30,000 x 30,000 without pixels.
        String bomb = "iVBORw0KGgoAAAANSUhEUgAAdTAAAHUwCAYAAABmJ/i6AAAAAElFTkSuQmCC";
        refused(
                server.post(about("data:image/png;base64," + bomb)),
                400,
                "messages[0].content[0].image_url",
                "image_too_large",
                "30000");
    }

    @Test
    void refusesMalformedJson() {
        for (String body :
                new String[] {"", "{", "[]", "{\"messages\": NaN}", "{\"a\":1}{", "{\"a\":1,\"a\":2}", "\"x\""}) {
            HttpResponse<String> response = server.post(body);
            assertThat(response.statusCode()).as(body).isEqualTo(400);
            assertThat(TestServer.json(response).at("/error/message").asString())
                    .isNotEmpty();
        }
    }

    @Test
    void jsonErrorsHaveShortMessages() {
        String name = "n".repeat(49_000);
        for (var wrong : Map.of(
                        "{\"%s\": 1, \"%s\": 2}".formatted(name, name),
                        "duplicate name",
                        "{\"a\": 1} {}",
                        "after its end",
                        "{\"a\": NaN}",
                        "NaN",
                        "{\"temperature\": 0." + "1".repeat(200) + "}",
                        "too long",
                        "{\"" + "k".repeat(60_000) + "\": 1}",
                        "too long",
                        "{",
                        "unexpected end",
                        "{\"a\": [1, 2",
                        "unexpected end",
                        "{\"a\": 0x10}",
                        "valid JSON",
                        "{/* c */}",
                        "valid JSON",
                        "{\"a\": 1]",
                        "valid JSON")
                .entrySet()) {
            JsonNode error = error(server.post(wrong.getKey()), 400);
            assertThat(error.path("code").asString()).isEqualTo("invalid_json");
            assertThat(error.path("message").asString())
                    .contains(wrong.getValue())
                    .hasSizeLessThan(300)
                    .doesNotContain("tools.jackson", "Feature", "bound as", "Source", "REDACTED");
        }
    }

    @Test
    void doSampleFalseNeedsTemperatureZero() {
        String twice = TestServer.request(TestServer.dataUrl("blob.png"), "", ", \"do_sample\": false");
        assertThat(TestServer.text(server.post(twice))).isEqualTo(good);
        refused(
                server.post(twice.replace("\"temperature\": 0", "\"temperature\": 1")),
                400,
                "do_sample",
                "unsupported_parameter",
                "do_sample");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {"role": "system", "content": [{"type": "input_audio"}]}           | content[0].type | unsupported_content
        {"role": "developer", "content": [{"type": "text"}]}               | content[0].text | invalid_value
        {"role": "system", "content": [5, null]}                           | content[0].type | invalid_value
        {"role": "assistant", "content": [{"type": "image_url", "image_url": {"url": "data:,x"}}]} | content[0].type | unsupported_content
        {"role": "tool", "content": [{"type": "image_url", "image_url": {"url": "data:,x"}}]}      | content[0].type | unsupported_content
        """)
    void messagesOfOtherRolesAreChecked(String message, String field, String code) {
        String body = TestServer.request(TestServer.dataUrl("blob.png"), "", "")
                .replace("\"messages\": [", "\"messages\": [" + message + ", ");
        refused(server.post(body), 400, "messages[0]." + field, code, "");
    }

    @Test
    void messagesOfOtherRolesDoNotChangeTheAnswer() {
        String others = "{\"role\": \"system\", \"content\": [{\"type\": \"text\", \"text\": \"Be brief.\"}]},"
                + "{\"role\": \"assistant\", \"content\": [{\"type\": \"refusal\", \"refusal\": \"No.\"}], \"tool_calls\": []},";
        String body = TestServer.request(TestServer.dataUrl("blob.png"), "", "")
                .replace("\"messages\": [", "\"messages\": [" + others);
        assertThat(TestServer.text(server.post(body))).isEqualTo(good);
    }

    @Test
    void refusesDeeplyNestedJson() {
        refused(server.post("[".repeat(100_000)), 400, null, "invalid_json", "nested");
    }

    @Test
    void refusesTextWithoutAPicture() {
        String body = "{\"model\": \"golden\", \"messages\": [{\"role\": \"user\", \"content\": \"What is a cat?\"}]}";
        refused(server.post(body), 400, "messages", "missing_image", "alpha");
    }

    @Test
    void refusesTooLongPrompts() {
        String body = TestServer.request(TestServer.dataUrl("blob.png"), "word ".repeat(200_000), "");
        refused(server.post(body), 400, "messages", "context_length_exceeded", "too long");
    }

    @Test
    void refusesRemotePicturesByDefault() {
        for (String url : new String[] {
            "http://169.254.169.254/latest", "http://localhost/x.png", "file:///etc/passwd", "https://[::1]/a.png"
        }) {
            refused(
                    server.post(about(url)),
                    400,
                    "messages[0].content[0].image_url",
                    "remote_images_disabled",
                    "data URL");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        temperature       | 3
        temperature       | "hot"
        temperature       | 1e400
        top_p             | 1.1
        top_p             | -1
        top_k             | -2
        max_tokens        | 0
        max_tokens        | 2147483648
        max_tokens        | 1.5
        max_completion_tokens | -2
        n                 | 1000000000
        seed              | "x"
        seed              | 1.5
        presence_penalty  | 2.5
        frequency_penalty | true
        repetition_penalty| 0
        min_p             | 1.1
        top_logprobs      | 3
        stop              | ["a","b","c","d","e"]
        stop              | [1]
        logit_bias        | {"1": 101}
        logit_bias        | {"x": 1}
        logit_bias        | {"999999": 1}
        logit_bias        | {"05": 1, "5": 2}
        stream_options    | {"include_usage": true}
        response_format   | ["text"]
        stream            | "yes"
        """)
    void refusesValuesOutOfRangeOrOfTheWrongType(String field, String value) {
        String body = TestServer.request(TestServer.dataUrl("blob.png"), "", "")
                .replace("\"temperature\": 0, \"max_tokens\": 16,", "\"" + field + "\": " + value + ",");
        JsonNode error = error(server.post(body), 400);
        assertThat(error.path("param").asString()).isEqualTo(field);
        assertThat(error.path("message").asString()).contains(field);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        response_format | {"type":"json_object"}
        num_return_sequences | 3
        max_output_tokens | 2
        response_format | {"type":"json_schema","json_schema":{}}
        modalities      | ["text","audio"]
        num_beams       | 4
        best_of         | 2
        tool_choice     | "required"
        function_call   | {"name":"f"}
        guided_regex    | "a*"
        grammar         | "root ::= a"
        stop_token_ids  | [1]
        use_beam_search | true
        max_new_tokens  | 3
        n_predict       | 3
        repeat_penalty  | 5
        length_penalty  | 2
        top_n_sigma     | 1
        chat_template   | "x"
        """)
    void unsupportedFieldsAreRefusedByName(String field, String value) {
        String body = TestServer.request(TestServer.dataUrl("blob.png"), "", ", \"" + field + "\": " + value);
        refused(server.post(body), 400, field, "unsupported_parameter", field);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
        {"5": 1, "not_a_token_id": 50}  | "not_a_token_id" is not a token id
        {"05": 1, "5": 2}               | "05" is not a token id
        {"999999": 1}                   | token id 999999
        {"5": 1, "66": 101}             | the value of "66" is not
        {"5": "1"}                      | the value of "5" is not
        """)
    void aBadLogitBiasKeyIsNamed(String biases, String words) {
        String body = TestServer.request(TestServer.dataUrl("blob.png"), "", ", \"logit_bias\": " + biases);
        refused(server.post(body), 400, "logit_bias", "invalid_value", words);
    }

    @Test
    void aLongLogitBiasKeyIsShortened() {
        String body = TestServer.request(
                TestServer.dataUrl("blob.png"), "", ", \"logit_bias\": {\"" + "k".repeat(10_000) + "\": 1}");
        JsonNode error = error(server.post(body), 400);
        assertThat(error.path("message").asString()).contains("kkk…").hasSizeLessThan(200);
    }

    /** Eight frames; the sixth is invalid. */
    @Test
    void aBadFrameOfEightIsNamed() throws IOException {
        String good = TestServer.dataUrl("blob.png");
        String sixth = "messages[0].content[5].image_url";
        var clear = new BufferedImage(64, 48, BufferedImage.TYPE_INT_ARGB);
        var opaque = new BufferedImage(64, 48, BufferedImage.TYPE_INT_RGB);
        Map<String, String> codes = Map.of(
                good.substring(0, 2000),
                "invalid_image",
                "data:image/png;base64,PGh0bWw+PC9odG1sPg==",
                "invalid_image",
                encoded(clear, "png"),
                "empty_mask",
                encoded(opaque, "png"),
                "missing_mask",
                "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAdTAAAHUwCAYAAABmJ/i6AAAAAElFTkSuQmCC",
                "image_too_large",
                "data:image/png;base64,@",
                "invalid_image_url",
                "https://example.org/a.png",
                "remote_images_disabled");
        codes.forEach((url, code) -> {
            String[] frames = {good, good, good, good, good, url, good, good};
            refused(server.post(Conversation.empty().shows("", frames).json()), 400, sixth, code, "");
            if (!code.endsWith("_mask")) {
                String regions = IntStream.range(0, 8)
                        .mapToObj(i -> "{\"frame\": %d, \"whole\": true}".formatted(i))
                        .collect(Collectors.joining(", ", "[", "]"));
                frames = IntStream.range(0, 8)
                        .mapToObj(i -> i == 5 ? url : RegionPictures.png(RegionPictures.golden("blob.png")))
                        .toArray(String[]::new);
                String body = Conversation.empty()
                        .shows("", frames)
                        .field("regions", Json.MAPPER.readTree(regions))
                        .json();
                refused(server.post(body), 400, sixth, code, "");
            }
        });
    }

    /** Requests share the work on a picture, but each error names the field of its own request. */
    @Test
    void errorsOfASharedPictureNameEachRequestsField() {
        for (int round = 0; round < 20; round++) {
            String bad = "data:image/png;base64,"
                    + Base64.getEncoder().encodeToString(("none " + round).getBytes(StandardCharsets.UTF_8));
            String first = Conversation.empty().shows("What is it?", bad).json();
            String second = Conversation.empty()
                    .says("Hello.")
                    .answered("Yes?")
                    .shows("What is it?", bad)
                    .json();
            var together = List.of(
                    CompletableFuture.supplyAsync(() -> server.post(first)),
                    CompletableFuture.supplyAsync(() -> server.post(second)));
            refused(together.get(0).join(), 400, "messages[0].content[0].image_url", "invalid_image", "");
            refused(together.get(1).join(), 400, "messages[2].content[0].image_url", "invalid_image", "");
        }
    }

    @Test
    void refusesTooLongStopStrings() {
        for (String form : List.of("\"%s\"", "[\"a\", \"%s\"]")) {
            String longest = ", \"stop\": " + form.formatted("q".repeat(1000));
            String more = ", \"stop\": " + form.formatted("q".repeat(1001));
            String url = TestServer.dataUrl("blob.png");
            assertThat(server.post(TestServer.request(url, "", longest)).statusCode())
                    .isEqualTo(200);
            refused(server.post(TestServer.request(url, "", more)), 400, "stop", "invalid_value", "1,000 characters");
        }
    }

    @Test
    void unknownPathsAndMethodsAreErrorsInJson() {
        assertThat(error(server.get("/nope"), 404).path("code").asString()).isEqualTo("not_found");
        HttpResponse<String> wrong = server.get("/v1/chat/completions");
        assertThat(error(wrong, 405).path("code").asString()).isEqualTo("method_not_allowed");
        assertThat(wrong.headers().firstValue("Allow"))
                .hasValueSatisfying(
                        it -> assertThat(it.split(", *")).contains("POST").doesNotContain("GET"));
        assertThat(error(server.get("/v1/models/other"), 404).path("code").asString())
                .isEqualTo("model_not_found");
    }

    private static void refused(HttpResponse<String> response, int status, String param, String code, String words) {
        JsonNode error = error(response, status);
        assertThat(error.path("code").asString()).isEqualTo(code);
        assertThat(error.path("param").isNull() ? null : error.path("param").asString())
                .isEqualTo(param);
        assertThat(error.path("message").asString()).contains(words).doesNotContain("Exception", "/work", "at io.");
    }

    private static JsonNode error(HttpResponse<String> response, int status) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        return TestServer.json(response).path("error");
    }

    private static String about(String url) {
        return TestServer.request(url, "", "");
    }

    private static String pictures(int count) {
        String part = "{\"type\": \"image_url\", \"image_url\": {\"url\": \"data:image/png;base64,AAAA\"}}";
        String parts = IntStream.range(0, count).mapToObj(i -> part).collect(Collectors.joining(","));
        return "{\"model\": \"golden\", \"messages\": [{\"role\": \"user\", \"content\": [" + parts + "]}]}";
    }

    private static String encoded(BufferedImage picture, String format) throws IOException {
        var out = new ByteArrayOutputStream();
        ImageIO.write(picture, format, out);
        return "data:image/" + format + ";base64," + Base64.getEncoder().encodeToString(out.toByteArray());
    }
}
