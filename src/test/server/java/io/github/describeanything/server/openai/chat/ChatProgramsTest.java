package io.github.describeanything.server.openai.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.WireForm;
import io.github.describeanything.server.With;
import io.github.describeanything.server.http.Json;
import io.github.describeanything.server.service.MissingMask;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Requests as Open WebUI, LibreChat, LiteLLM and similar programs send them. */
@ParameterizedClass
@EnumSource(WireForm.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ChatProgramsTest {
    @Parameter
    private WireForm form;

    private static final String ONE = TestServer.dataUrl("blob.png");
    private static final String TWO = TestServer.dataUrl("portrait.png");
    private static final Map<String, Object> TOOL = Map.of(
            "type",
            "function",
            "function",
            Map.of("name", "get_current_timestamp", "parameters", Map.of("type", "object", "properties", Map.of())));

    private TestServer server;

    @BeforeAll
    void start() {
        server = TestServer.start("golden-joint-fp32");
    }

    @BeforeEach
    void speak() {
        server.speaking(form);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private Answered answer(Conversation conversation) {
        return answer(server, conversation);
    }

    private static Answered answer(TestServer asked, Conversation conversation) {
        return Answered.of(asked.post(conversation.field("logprobs", true).json()));
    }

    private JsonNode refused(Conversation conversation, String param, String words) {
        HttpResponse<String> response = server.post(conversation.json());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        JsonNode error = TestServer.json(response).path("error");
        assertThat(error.path("param").asString()).as(error.toString()).isEqualTo(param);
        assertThat(error.path("message").asString()).contains(words);
        return error;
    }

    private static Conversation shown() {
        return Conversation.empty().shows("What is it?", ONE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "\"auto\"",
                "\"none\"",
                "{\"type\": \"allowed_tools\", \"allowed_tools\": {\"mode\": \"auto\", \"tools\": []}}"
            })
    void optionalToolsAreAccepted(String choice) {
        JsonNode node = Json.MAPPER.readTree(choice);
        assertThat(answer(shown().field("tools", List.of(TOOL)).field("tool_choice", node)))
                .isEqualTo(answer(shown()));
        assertThat(answer(shown().field("functions", List.of(TOOL.get("function")))
                        .field("function_call", node)))
                .isEqualTo(answer(shown()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"required\"",
                "{\"type\": \"function\", \"function\": {\"name\": \"get_current_timestamp\"}}",
                "{\"type\": \"allowed_tools\", \"allowed_tools\": {\"mode\": \"required\", \"tools\": []}}"
            })
    void requiredToolsAreRefused(String choice) {
        JsonNode node = Json.MAPPER.readTree(choice);
        refused(
                shown().field("tools", List.of(TOOL)).field("tool_choice", node),
                "tool_choice",
                "must be auto or none");
        refused(
                shown().field("functions", List.of(TOOL)).field("function_call", Map.of("name", "f")),
                "function_call",
                "must be auto or none");
        refused(shown().field("tools", "clock"), "tools", "must be a list");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            prediction          | {"type": "content", "content": "string"}
            audio               | {"format": "wav", "voice": "alloy"}
            modalities          | ["text"]
            web_search_options  | {"search_context_size": "low", "user_location": {"type": "approximate", "approximate": {}}}
            response_format     | {"type": "text"}
            reasoning_effort    | "low"
            verbosity           | "low"
            store               | true
            metadata            | {"a": "b"}
            parallel_tool_calls | true
            service_tier        | "auto"
            prompt_cache_key    | "x"
            safety_identifier   | "x"
            user                | "me"
            max_tokens          | -1
            max_completion_tokens | -1
            """)
    void fieldsThatDoNotChangeTheAnswerAreAccepted(String field, String value) {
        // Stopped early, because random weights give long answers.
        String text = TestServer.text(server.post(shown().json()));
        Conversation plain = shown().field("stop", text.substring(2, 4));
        Conversation with = plain.field(field, Json.MAPPER.readTree(value));
        assertThat(answer(with)).isEqualTo(answer(plain));
    }

    @Test
    void audioIsRefused() {
        refused(
                shown().field("modalities", List.of("text", "audio")).field("audio", Map.of("voice", "alloy")),
                "modalities",
                "not supported");
    }

    @Test
    void streamOptionsNeedAStream() {
        assumeThat(form).as("has usage in streams as an option").isEqualTo(WireForm.CHAT);
        refused(shown().field("stream_options", Map.of("include_usage", true)), "stream_options", "stream to be true");
        refused(
                shown().field("stream_options", Map.of()).field("stream", false),
                "stream_options",
                "stream to be true");
    }

    @Test
    void theResponseHasTheRequestedModelName() {
        for (String name : List.of("golden", "describe_anything_model")) {
            Conversation asked = shown().field("model", name);
            assertThat(TestServer.json(server.post(asked.json())).path("model").asString())
                    .isEqualTo(name);
            String chunk = server.post(asked.field("stream", true).json())
                    .body()
                    .lines()
                    .findFirst()
                    .orElseThrow();
            assertThat(chunk).contains("\"model\":\"" + name + "\"");
        }
        String unnamed = shown().json().replace("\"model\":\"golden\",", "");
        assertThat(unnamed).doesNotContain("\"model\"");
        assertThat(TestServer.json(server.post(unnamed)).path("model").asString())
                .isEqualTo("golden");
    }

    @Test
    void theLastPictureOfAChatCounts() {
        Conversation second = shown().answered("A blob.").shows("And this?", TWO);
        Answered alone = answer(Conversation.empty().shows("And this?", TWO));
        assertThat(answer(second)).isEqualTo(alone).isNotEqualTo(answer(shown()));
        // A follow-up question is about the last picture.
        assertThat(answer(second.answered("A face.").says("What colour?")))
                .isEqualTo(answer(Conversation.empty().shows("What colour?", TWO)));
    }

    @Test
    void earlierPicturesAreNotLoaded() {
        Conversation broken = Conversation.empty()
                .shows("What is it?", "https://example.org/gone.png")
                .answered("")
                .shows("And this?", TWO);
        assertThat(answer(broken)).isEqualTo(answer(Conversation.empty().shows("And this?", TWO)));
    }

    /** Some programs omit the answer if it was an error. */
    @Test
    void aChatRecoversFromRefusedMessages() {
        Answered expected = answer(Conversation.empty().shows("And this?", TWO));
        Map<String, Object> audio = Map.of(
                "role",
                "user",
                "content",
                List.of(
                        Map.of("type", "text", "text", "What do you hear?"),
                        Map.of("type", "input_audio", "input_audio", Map.of("data", "", "format", "wav"))));
        assertThat(answer(Conversation.empty().with(audio).shows("And this?", TWO)))
                .isEqualTo(expected);
        assertThat(answer(Conversation.empty().shows("What is @box(1,2)?", ONE).shows("And this?", TWO)))
                .isEqualTo(expected);
        refused(
                Conversation.empty().shows("And this?", TWO).with(audio),
                "messages[1].content[1].type",
                "Only parts of type");
    }

    @Test
    void toolMessagesAreAcceptedAndIgnored() {
        Map<String, Object> call = Map.of("id", "call_1", "type", "function", "function", Map.of("name", "f"));
        Conversation earlier = Conversation.empty()
                .says("What time is it?")
                .with(Map.of("role", "assistant", "tool_calls", List.of(call)))
                .with(Map.of("role", "tool", "tool_call_id", "call_1", "content", "noon"))
                .answered("It is noon.")
                .shows("What is it?", ONE);
        assertThat(answer(earlier)).isEqualTo(answer(shown()));
    }

    /** Open WebUI lists them before the user's text, in a separate part. */
    @Test
    void theListOfAttachedFilesIsNotPartOfTheQuestion() {
        String files = "<attached_files>\n<file type=\"file\" id=\"3465\" url=\"3465\" content_type=\"image/jpeg\""
                + " name=\"a@box(1,2).jpg\"/>\n</attached_files>\n\n";
        Map<String, Object> message = Map.of(
                "role",
                "user",
                "content",
                List.of(
                        Map.of("type", "text", "text", files),
                        Map.of("type", "text", "text", "What is it?"),
                        Map.of("type", "image_url", "image_url", Map.of("url", ONE))));
        assertThat(answer(Conversation.empty().with(message))).isEqualTo(answer(shown()));
        assertThat(answer(Conversation.empty().shows(files + "What is it?", ONE)))
                .isEqualTo(answer(shown()));
        assertThat(answer(Conversation.empty().shows(files, ONE)))
                .isEqualTo(answer(Conversation.empty().shows("", ONE)));
    }

    @Test
    void requestedUsageIsNullBeforeTheLastChunk() {
        assumeThat(form).as("has usage in streams as an option").isEqualTo(WireForm.CHAT);
        Conversation stream = shown().field("stream", true).field("stream_options", Map.of("include_usage", true));
        List<JsonNode> chunks = chunks(stream);
        assertThat(chunks.subList(0, chunks.size() - 1)).isNotEmpty().allSatisfy(it -> {
            assertThat(it.has("usage")).isTrue();
            assertThat(it.get("usage").isNull()).isTrue();
        });
        assertThat(chunks.getLast().at("/usage/completion_tokens").asInt()).isEqualTo(16);
        assertThat(chunks(shown().field("stream", true))).noneMatch(it -> it.has("usage"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"max_tokens\": 5}",
                "{\"n\": 3, \"temperature\": 1.2, \"seed\": 5}",
                "{\"max_tokens\": 60, \"n\": 2, \"temperature\": 1.9, \"top_k\": 0, \"top_p\": 1, \"seed\": 2}",
                "{\"top_logprobs\": 3}"
            })
    void logprobTokensJoinToTheText(String fields) {
        assumeThat(form == WireForm.CHAT || !fields.contains("\"n\"")).isTrue();
        Conversation asked = shown().field("logprobs", true);
        for (var field : Json.MAPPER.readTree(fields).properties()) {
            asked = asked.field(field.getKey(), field.getValue());
        }
        joins(asked);
        String whole = TestServer.json(server.post(asked.json()))
                .at("/choices/0/message/content")
                .asString();
        // Strings that begin and end inside tokens.
        for (int at = 1; at + 2 < Math.min(whole.length(), 12); at += 3) {
            joins(asked.field("stop", whole.substring(at, at + 2)));
        }
    }

    private void joins(Conversation asked) {
        HttpResponse<String> response = server.post(asked.json());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonNode choices = TestServer.json(response).path("choices");
        List<JsonNode> chunks = chunks(asked.field("stream", true));
        for (JsonNode choice : choices) {
            int index = choice.path("index").asInt();
            String text = choice.at("/message/content").asString();
            assertThat(joined(choice.at("/logprobs/content"))).isEqualTo(text);
            String streamed = chunks.stream()
                    .filter(it -> it.at("/choices/0/index").asInt() == index)
                    .map(it -> joined(it.at("/choices/0/logprobs/content")))
                    .collect(Collectors.joining());
            assertThat(streamed).isEqualTo(text);
        }
    }

    private static String joined(JsonNode tokens) {
        return tokens.valueStream().map(it -> it.path("token").asString()).collect(Collectors.joining());
    }

    private List<JsonNode> chunks(Conversation stream) {
        return server.post(stream.json())
                .body()
                .lines()
                .filter(it -> it.startsWith("data: {"))
                .map(it -> Json.MAPPER.readTree(it.substring(6)))
                .toList();
    }

    @Test
    void withMissingMaskWholeAPhotographIsTheRegion() {
        String photograph = RegionPictures.url("jpeg", RegionPictures.jpeg(RegionPictures.golden("blob.png")));
        Conversation plain = Conversation.empty().shows("What is it?", photograph);
        JsonNode error = refused(plain, "messages[0].content[0].image_url", "alpha");
        assertThat(error.path("code").asString()).isEqualTo("missing_mask");
        assertThat(error.path("message").asString()).contains("regions", "@box", "--missing-mask whole");
        Answered whole = answer(plain.field("regions", List.of(Map.of("whole", true))));
        try (var lenient = TestServer.start("golden-joint-fp32", 4, 64, With.missingMask(MissingMask.WHOLE))
                .speaking(form)) {
            assertThat(answer(lenient, plain)).isEqualTo(whole);
            // Masks, regions and regions in the question work as on other servers.
            assertThat(answer(lenient, shown())).isEqualTo(answer(shown()));
            Conversation boxed = Conversation.empty().shows("What is it? @box(10,10,90,90)", photograph);
            assertThat(answer(lenient, boxed)).isEqualTo(answer(boxed));
            String[] frames = IntStream.range(0, 8).mapToObj(i -> photograph).toArray(String[]::new);
            Object wholes = IntStream.range(0, 8)
                    .mapToObj(i -> Map.of("frame", i, "whole", true))
                    .toList();
            assertThat(answer(lenient, Conversation.empty().shows("", frames)))
                    .isEqualTo(answer(Conversation.empty().shows("", frames).field("regions", wholes)));
        }
    }
}
