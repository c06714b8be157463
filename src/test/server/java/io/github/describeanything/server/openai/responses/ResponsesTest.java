package io.github.describeanything.server.openai.responses;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.WireForm;
import io.github.describeanything.server.http.Json;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What only the Responses API has: items, typed events, the echo of the request, and nothing that is stored. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ResponsesTest {
    private static final String PICTURE = TestServer.dataUrl("blob.png");
    private static final String USER =
            "{\"role\": \"user\", \"content\": [{\"type\": \"input_image\", \"image_url\": \"" + PICTURE
                    + "\"}, {\"type\": \"input_text\", \"text\": \"What is it?\"}]}";

    private TestServer server;
    private String answer;

    @BeforeAll
    void start() {
        server = TestServer.start("golden-joint-fp32", 4, 64, it -> it);
        answer = text(post(request("")));
        assertThat(answer).isNotEmpty();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private static String request(String more) {
        return asking(USER, more);
    }

    private static String asking(String items, String more) {
        return "{\"model\": \"golden\", \"temperature\": 0, \"max_output_tokens\": 16, \"input\": [" + items + "]"
                + more + "}";
    }

    private HttpResponse<String> post(String body) {
        return server.post("/v1/responses", body);
    }

    private JsonNode response(String body) {
        HttpResponse<String> response = post(body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return TestServer.json(response);
    }

    private static String text(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return text(TestServer.json(response));
    }

    private static String text(JsonNode response) {
        return response.path("output")
                .valueStream()
                .map(it -> it.at("/content/0/text").asString())
                .collect(Collectors.joining("|"));
    }

    private JsonNode refused(String body) {
        HttpResponse<String> response = post(body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        return TestServer.json(response).path("error");
    }

    private List<JsonNode> events(String body) {
        HttpResponse<String> response = post(body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        var events = new ArrayList<JsonNode>();
        var lines = response.body().lines().filter(it -> !it.isEmpty()).toList();
        for (int i = 0; i < lines.size(); i += 2) {
            JsonNode event = Json.MAPPER.readTree(lines.get(i + 1).substring("data: ".length()));
            assertThat(lines.get(i)).isEqualTo("event: " + event.path("type").asString());
            assertThat(event.path("sequence_number").asInt()).isEqualTo(events.size());
            events.add(event);
        }
        return events;
    }

    @Test
    void theAnswerIsWhatAChatCompletionSays() {
        assertThat(answer).isEqualTo(TestServer.text(server.post(TestServer.request(PICTURE, "What is it?", ""))));
    }

    @Test
    void eventsComeInOpenAisOrder() {
        List<JsonNode> events = events(request(", \"stream\": true"));
        List<String> types =
                events.stream().map(it -> it.path("type").asString()).toList();
        assertThat(types.stream().distinct())
                .containsExactly(
                        "response.created",
                        "response.in_progress",
                        "response.output_item.added",
                        "response.content_part.added",
                        "response.output_text.delta",
                        "response.output_text.done",
                        "response.content_part.done",
                        "response.output_item.done",
                        "response.incomplete");
        assertThat(events.stream()
                        .filter(it -> it.has("delta"))
                        .map(it -> it.path("delta").asString())
                        .collect(Collectors.joining()))
                .isEqualTo(answer);
        JsonNode last = events.getLast().path("response");
        assertThat(text(last)).isEqualTo(answer);
        assertThat(last.at("/incomplete_details/reason").asString()).isEqualTo("max_output_tokens");
        String item = last.at("/output/0/id").asString();
        assertThat(item).matches("msg_[0-9a-f]{24}");
        assertThat(events.stream()
                        .filter(it -> it.has("item_id"))
                        .map(it -> it.path("item_id").asString()))
                .containsOnly(item);
        assertThat(events.stream()
                        .filter(it -> it.has("response"))
                        .map(it -> it.at("/response/id").asString())
                        .distinct())
                .hasSize(1);
    }

    @Test
    void anAnswerThatEndsByItselfIsCompleted() {
        String stop = ", \"stop\": " + Json.MAPPER.writeValueAsString(answer.substring(2, 4));
        JsonNode whole = response(request(stop));
        assertThat(whole.path("status").asString()).isEqualTo("completed");
        assertThat(whole.at("/output/0/status").asString()).isEqualTo("completed");
        assertThat(whole.path("incomplete_details").isNull()).isTrue();
        assertThat(whole.path("completed_at").isIntegralNumber()).isTrue();
        assertThat(events(request(stop + ", \"stream\": true"))
                        .getLast()
                        .path("type")
                        .asString())
                .isEqualTo("response.completed");
    }

    @Test
    void anAnswerWithoutAWordHasItsItemAllTheSame() {
        String stop = ", \"stop\": " + Json.MAPPER.writeValueAsString(answer.substring(0, 1));
        assertThat(text(post(request(stop)))).isEmpty();
        List<JsonNode> events = events(request(stop + ", \"stream\": true"));
        assertThat(events.stream().map(it -> it.path("type").asString()))
                .contains("response.output_item.added", "response.output_text.done")
                .doesNotContain("response.output_text.delta");
        assertThat(events.getLast().path("response").path("output").size()).isEqualTo(1);
    }

    /** Sixteen regions of four slots: those that come later are held back. */
    @Test
    void masksAreReturnedWithTheRegions() {
        String regions = ", \"regions\": [{\"box\": [0, 0, 20, 30]}, {\"whole\": true}], \"return_masks\": true";
        JsonNode whole = response(request(regions).replace(PICTURE, PICTURE_WITHOUT_MASK));
        assertThat(whole.at("/output/0/region/mask/rle/counts").asString()).isNotEmpty();
        assertThat(whole.at("/output/1/region/mask/rle/size").size()).isEqualTo(2);
        assertThat(whole.at("/output/0/region/mask/rle/counts"))
                .isNotEqualTo(whole.at("/output/1/region/mask/rle/counts"));
    }

    @Test
    void regionsAreItemsOneAfterTheOther() {
        String opaque = PICTURE_WITHOUT_MASK;
        String regions = IntStream.range(0, 16)
                .mapToObj(i -> "{\"id\": \"r%d\", \"box\": [%d, 0, %d, 30]}".formatted(i, i, i + 20))
                .collect(Collectors.joining(", ", ", \"regions\": [", "]"));
        String body = request(regions).replace(PICTURE, opaque);
        JsonNode whole = response(body);
        assertThat(whole.path("output")
                        .valueStream()
                        .map(it -> it.at("/region/id").asString()))
                .containsExactly(IntStream.range(0, 16).mapToObj(i -> "r" + i).toArray(String[]::new));
        List<JsonNode> events = events(body.replaceFirst("}$", ", \"stream\": true}"));
        assertThat(events.getLast().at("/response/usage/output_tokens").asInt()).isEqualTo(16 * 16);
        int open = -1;
        Set<Integer> done = new HashSet<>();
        var texts = new String[16];
        java.util.Arrays.fill(texts, "");
        for (JsonNode event : events) {
            int index = event.path("output_index").asInt(-1);
            switch (event.path("type").asString()) {
                case "response.output_item.added" -> {
                    assertThat(index).isEqualTo(++open);
                    assertThat(done).hasSize(open);
                    assertThat(event.at("/item/region/id").asString()).isEqualTo("r" + index);
                }
                case "response.output_text.delta" -> {
                    assertThat(index).isEqualTo(open);
                    texts[index] += event.path("delta").asString();
                }
                case "response.output_item.done" -> done.add(index);
                default -> {}
            }
        }
        assertThat(String.join("|", texts))
                .isEqualTo(text(whole))
                .isEqualTo(text(events.getLast().path("response")));
        // The same as one by one.
        String third = request(", \"regions\": [{\"box\": [3, 0, 23, 30]}]").replace(PICTURE, opaque);
        assertThat(text(response(third))).isEqualTo(text(whole).split("\\|", -1)[3]);
    }

    private static final String PICTURE_WITHOUT_MASK = opaque();

    private static String opaque() {
        var picture = new java.awt.image.BufferedImage(64, 48, java.awt.image.BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 64 * 48; i++) {
            picture.setRGB(i % 64, i / 64, i * 7919);
        }
        var out = new java.io.ByteArrayOutputStream();
        try {
            javax.imageio.ImageIO.write(picture, "png", out);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return "data:image/png;base64," + java.util.Base64.getEncoder().encodeToString(out.toByteArray());
    }

    @Test
    void logprobsComeWhereTheyAreIncludedOrAlternativesAreAskedFor() {
        String include = ", \"include\": [\"message.output_text.logprobs\"]";
        for (String fields : List.of(include, include + ", \"top_logprobs\": 2", ", \"top_logprobs\": 2")) {
            JsonNode content = response(request(fields)).at("/output/0/content/0");
            assertThat(content.path("logprobs").size()).isEqualTo(16);
            assertThat(joined(content.path("logprobs"))).isEqualTo(answer);
            assertThat(content.at("/logprobs/0/top_logprobs").size()).isEqualTo(fields.contains("top") ? 2 : 0);
            String streamed = events(request(fields + ", \"stream\": true")).stream()
                    .filter(it -> it.has("delta"))
                    .map(it -> joined(it.path("logprobs")))
                    .collect(Collectors.joining());
            assertThat(streamed).isEqualTo(answer);
        }
        assertThat(response(request("")).at("/output/0/content/0/logprobs").isEmpty())
                .isTrue();
    }

    private static String joined(JsonNode tokens) {
        return tokens.valueStream().map(it -> it.path("token").asString()).collect(Collectors.joining());
    }

    @Test
    void textIsAQuestionWithoutItsPicture() {
        for (String input : List.of("\"What is a cat?\"", "[{\"role\": \"user\", \"content\": \"What is a cat?\"}]")) {
            JsonNode error = refused("{\"input\": " + input + "}");
            assertThat(error.path("code").asString()).isEqualTo("missing_image");
            assertThat(error.path("param").asString()).isEqualTo("input");
        }
        assertThat(refused("{}").path("code").asString()).isEqualTo("missing_input");
    }

    /** Other models' work, as programs send it along with the conversation. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\": \"message\", \"role\": \"developer\", \"content\": \"Be brief.\"}",
                "{\"role\": \"system\", \"content\": [{\"type\": \"input_text\", \"text\": \"Be brief.\"}]}",
                "{\"role\": \"user\", \"content\": \"Hello.\"}, {\"role\": \"assistant\", \"content\": \"Yes?\"}",
                "{\"role\": \"user\", \"content\": \"Hello.\"}, {\"id\": \"msg_67ccd2bf17f0819081ff3bb2\", \"type\":"
                        + " \"message\", \"status\": \"completed\", \"role\": \"assistant\", \"phase\": \"final_answer\","
                        + " \"content\": [{\"type\": \"output_text\", \"text\": \"Yes?\", \"annotations\": [], \"logprobs\":"
                        + " []}, {\"type\": \"refusal\", \"refusal\": \"No.\"}]}",
                "{\"role\": \"user\", \"content\": \"Hello.\"}, {\"type\": \"item_reference\", \"id\":"
                        + " \"msg_0123456789abcdef01234567\"}",
                "{\"role\": \"user\", \"content\": \"Hello.\"}, {\"id\": \"msg_0123456789abcdef01234567\"}",
                "{\"role\": \"user\", \"content\": \"Hello.\"}, {\"type\": \"reasoning\", \"id\": \"rs_1\", \"summary\": []},"
                        + " {\"type\": \"function_call\", \"call_id\": \"c\", \"name\": \"f\", \"arguments\": \"{}\"},"
                        + " {\"type\": \"function_call_output\", \"call_id\": \"c\", \"output\": [{\"type\": \"input_image\","
                        + " \"image_url\": \"https://example.org/a.png\"}]}",
                "{\"role\": \"user\", \"content\": \"Hello.\"}, {\"type\": \"web_search_call\", \"id\": \"ws_1\", \"status\":"
                        + " \"completed\"}, {\"role\": \"assistant\", \"content\": \"Found.\"}"
            })
    void whatCameBeforeIsAcceptedAndNotRead(String items) {
        assertThat(text(post(asking(items + ", " + USER, "")))).isEqualTo(answer);
    }

    @Test
    void theQuestionAfterAnAnswerIsAboutThePictureBeforeIt() {
        String reference = "{\"type\": \"item_reference\", \"id\": \""
                + response(request("")).at("/output/0/id").asString() + "\"}";
        String next = USER + ", " + reference + ", {\"role\": \"user\", \"content\": \"What colour?\"}";
        assertThat(text(post(asking(next, ""))))
                .isEqualTo(text(post(request("").replace("What is it?", "What colour?"))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        {"type": "item_reference", "id": "msg_67ccd2bf17f0819081ff3bb2cf6508e6"} | input[0].id   | unsupported_parameter | stored
        {"type": "item_reference"}                                     | input[0].id             | unsupported_parameter | stored
        {"type": "compaction_trigger"}                                 | input[0].type           | unsupported_content   | messages
        {"type": "input_text", "text": "x"}                            | input[0].type           | unsupported_content   | content
        {"type": "input_image", "image_url": "data:,"}                 | input[0].type           | unsupported_content   | content
        {"type": 5}                                                    | input[0].type           | invalid_value         | string
        "x"                                                            | input[0]                | invalid_value         | object
        {"role": "tool", "content": "x"}                               | input[0].role           | invalid_value         | developer
        {"role": 5, "content": "x"}                                    | input[0].role           | invalid_value         | string
        {"role": "assistant", "content": [{"type": "input_image"}]}    | input[0].content[0].type | unsupported_content  | text
        {"role": "developer", "content": {}}                           | input[0].content        | invalid_value         | list
        """)
    void whatNoConversationHoldsIsRefusedByItsPlace(String item, String param, String code, String words) {
        JsonNode error = refused(asking(item + ", " + USER, ""));
        assertThat(error.path("param").asString()).isEqualTo(param);
        assertThat(error.path("code").asString()).isEqualTo(code);
        assertThat(error.path("message").asString()).contains(words);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        {"type": "input_file", "file_id": "file-1"}        | input[1].content[0].type      | unsupported_content
        {"type": "input_audio"}                            | input[1].content[0].type      | unsupported_content
        {"type": "image_url", "image_url": {"url": "x"}}   | input[1].content[0].type      | unsupported_content
        {"type": "input_image", "file_id": "file-1"}       | input[1].content[0].file_id   | unsupported_parameter
        {"type": "input_image"}                            | input[1].content[0].image_url | invalid_value
        {"type": "input_image", "image_url": 5}            | input[1].content[0].image_url | invalid_value
        {"type": "input_image", "image_url": "data:,"}     | input[1].content[0].image_url | invalid_image_url
        {"type": "input_image", "image_url": "https://example.org/a.png"} | input[1].content[0].image_url | remote_images_disabled
        {"type": "input_text"}                             | input[1].content[0].text      | invalid_value
        {"type": "input_text", "text": "@box(1,2)"}        | input[1].content[0].text      | invalid_region
        {}                                                 | input[1].content[0].type      | invalid_value
        5                                                  | input[1].content[0].type      | invalid_value
        """)
    void aPartThatCannotBeUsedIsRefusedByItsPlace(String part, String param, String code) {
        JsonNode error = refused(asking(USER + ", {\"role\": \"user\", \"content\": [" + part + "]}", ""));
        assertThat(error.path("param").asString()).as(error.toString()).isEqualTo(param);
        assertThat(error.path("code").asString()).isEqualTo(code);
    }

    @Test
    void aRegionInTheQuestionIsTheSameAsOneBesideThePicture() {
        String opaque = request("").replace(PICTURE, PICTURE_WITHOUT_MASK);
        assertThat(text(post(opaque.replace("What is it?", "What is it? @box(0, 0, 20, 20)"))))
                .isEqualTo(text(post(opaque.replaceFirst("}$", ", \"regions\": [{\"box\": [0, 0, 20, 20]}]}"))));
    }

    @Test
    void whatWasAskedComesBackAndNothingIsStored() {
        JsonNode plain = response(request(", \"store\": true, \"top_p\": 0.5"));
        assertThat(plain.path("store").asBoolean()).isFalse();
        assertThat(plain.path("tool_choice").asString()).isEqualTo("auto");
        assertThat(plain.path("metadata").isEmpty()).isTrue();
        assertThat(plain.path("top_p").asDouble()).isEqualTo(0.5);
        JsonNode full =
                response(request(", \"metadata\": {\"a\": \"\\ud83d\\ude00\"}, \"instructions\": \"half \\ud800\","
                        + " \"tools\": [{\"type\": \"function\", \"name\": \"f\"}], \"tool_choice\": \"none\""));
        assertThat(full.at("/metadata/a").asString()).isEqualTo("\ud83d\ude00");
        assertThat(full.path("instructions").asString()).isEqualTo("half \ud800");
        assertThat(full.at("/tools/0/name").asString()).isEqualTo("f");
        assertThat(full.path("tool_choice").asString()).isEqualTo("none");
        for (String path : List.of("", "/input_items")) {
            HttpResponse<String> stored =
                    server.get("/v1/responses/" + full.path("id").asString() + path);
            assertThat(stored.statusCode()).isEqualTo(404);
            assertThat(TestServer.json(stored).at("/error/message").asString()).contains("none are stored");
        }
    }

    /** They wait with the request, as many as the queue takes. */
    @Test
    void longToolsAndInstructionsDoNotComeBack() {
        ObjectNode body = (ObjectNode) Json.MAPPER.readTree(request(", \"metadata\": {\"a\": \"b\"}"));
        body.put("instructions", "long ".repeat(1 << 16));
        body.putArray("tools").addObject().put("name", "f".repeat(200 << 10));
        JsonNode response = response(body.toString());
        assertThat(response.path("instructions").isNull()).isTrue();
        assertThat(response.at("/tools/0/name").asString()).hasSize(200 << 10);
        body.putObject("metadata").put("a", "b".repeat(1 << 20));
        assertThat(refused(body.toString()).path("param").asString()).isEqualTo("metadata");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        previous_response_id  | "resp_1"                    | stored
        conversation          | {"id": "conv_1"}            | stored
        background            | true                        | stored
        prompt                | {"id": "pmpt_1"}            | stored
        moderation            | {"model": "m"}              | moderates
        messages              | [{"role": "user"}]          | /v1/chat/completions
        max_tokens            | 5                           | max_output_tokens
        max_completion_tokens | 5                           | max_output_tokens
        n                     | 2                           | one answer
        tool_choice           | "required"                  | auto or none
        tool_choice           | {"type": "mcp", "server_label": "a"} | auto or none
        guided_regex          | "a*"                        | not supported
        """)
    void whatIsNotSupportedIsRefusedByName(String field, String value, String words) {
        JsonNode error = refused(request(", \"" + field + "\": " + value));
        assertThat(error.path("param").asString()).isEqualTo(field);
        assertThat(error.path("code").asString()).isEqualTo("unsupported_parameter");
        assertThat(error.path("message").asString()).contains(words);
    }

    @Test
    void onlyProseIsWritten() {
        for (String type : List.of("json_object", "json_schema", "grammar")) {
            JsonNode error = refused(request(", \"text\": {\"format\": {\"type\": \"" + type + "\"}}"));
            assertThat(error.path("param").asString()).isEqualTo("text.format");
        }
        assertThat(text(post(request(", \"text\": {\"format\": {\"type\": \"text\"}}"))))
                .isEqualTo(answer);
    }

    /** Each field in turn has each kind of value; whatever is refused is refused by its name. */
    @Test
    void aValueOfAnyTypeInAnyFieldIsAnsweredOrRefusedByName() {
        var body = (ObjectNode) Json.MAPPER.readTree(request(""));
        List<String> fields = List.of(
                "model",
                "input",
                "instructions",
                "max_output_tokens",
                "temperature",
                "top_p",
                "top_logprobs",
                "include",
                "metadata",
                "tools",
                "tool_choice",
                "text",
                "reasoning",
                "truncation",
                "store",
                "stream",
                "stream_options",
                "user",
                "parallel_tool_calls",
                "max_tool_calls",
                "background",
                "conversation",
                "previous_response_id",
                "prompt",
                "safety_identifier",
                "prompt_cache_key",
                "service_tier",
                "regions",
                "seed",
                "stop",
                "n");
        List<String> values = List.of(
                "0",
                "-1",
                "1.5",
                "1e300",
                "\"x\"",
                "\"\"",
                "true",
                "false",
                "[]",
                "{}",
                "[5]",
                "[[]]",
                "[null]",
                "[{}]",
                "{\"type\": 5}",
                "{\"a\": {\"b\": [1]}}",
                "[{\"type\": null, \"role\": null, \"id\": 5}]");
        for (String field : fields) {
            for (String value : values) {
                ObjectNode changed = body.deepCopy();
                changed.set(field, Json.MAPPER.readTree(value));
                HttpResponse<String> response = post(changed.toString());
                assertThat(response.statusCode()).as(field + ": " + value).isIn(200, 400, 404);
                if (response.statusCode() != 200) {
                    assertThat(TestServer.json(response).at("/error/param").asString())
                            .as(value)
                            .startsWith(field);
                }
            }
        }
    }

    @Test
    void chatCompletionsAreNotMistakenForResponses() {
        String chat = TestServer.request(PICTURE, "What is it?", "");
        assertThat(refused(chat).path("message").asString()).contains("/v1/chat/completions");
        assertThat(text(post(WireForm.RESPONSES.request(chat)))).isEqualTo(answer);
        Map<String, Object> both = Map.of("input", "x", "messages", List.of());
        assertThat(refused(Json.MAPPER.writeValueAsString(both)).path("param").asString())
                .isEqualTo("input");
    }
}
