package io.github.describeanything.server.openai.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.core.http.StreamResponse;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionContentPart;
import com.openai.models.chat.completions.ChatCompletionContentPartImage;
import com.openai.models.chat.completions.ChatCompletionContentPartText;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.http.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Compares every golden case through openai-java, streamed and not, with the published code. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GoldenOverHttpTest {
    private static final double CLEAR = 0.01;

    private TestServer image;
    private TestServer joint;

    record Case(String name, List<String> pictures, String query, String text, int positions, int tokens, int clear) {
        @Override
        public String toString() {
            return name;
        }
    }

    @BeforeAll
    void start() {
        image = TestServer.start("golden-image-fp32");
        joint = TestServer.start("golden-joint-fp32");
    }

    @AfterAll
    void stop() {
        image.close();
        joint.close();
    }

    static Stream<Case> cases() {
        var references = list(read("reference/reference.json"))
                .collect(Collectors.toMap(it -> it.path("name").asString(), it -> it));
        return list(read("cases/cases.json")).map(it -> {
            JsonNode reference = references.get(it.path("name").asString());
            List<Double> margins = list(reference.path("greedy_margins"))
                    .map(JsonNode::asDouble)
                    .toList();
            int clear = 0;
            while (clear < margins.size() && margins.get(clear) >= CLEAR) {
                clear++;
            }
            return new Case(
                    it.path("name").asString(),
                    list(it.path("frames"))
                            .map(frame -> frame.path("rgba").asString())
                            .toList(),
                    it.path("query").asString(),
                    reference.path("greedy_text").asString(),
                    reference.path("prompt_embeddings").asInt(),
                    margins.size(),
                    clear);
        });
    }

    @ParameterizedTest
    @MethodSource("cases")
    void streamedAndWholeAnswersMatchTheReference(Case golden) {
        var server = golden.name().startsWith("joint") ? joint : image;
        var client = server.openAi();
        var params = params(golden);

        var whole = client.chat().completions().create(params);
        whole.validate();
        String text = whole.choices().getFirst().message().content().orElseThrow();
        assertThat(whole.usage().orElseThrow().promptTokens()).isEqualTo(golden.positions());

        var streamed = new StringBuilder();
        try (StreamResponse<ChatCompletionChunk> chunks =
                client.chat().completions().createStreaming(params)) {
            chunks.stream()
                    .forEach(chunk -> chunk.choices()
                            .forEach(choice -> choice.delta().content().ifPresent(streamed::append)));
        }
        assertThat(streamed.toString()).isEqualTo(text);

        if (golden.clear() == golden.tokens()) {
            // The reference's texts are not stripped; answers are, like those of the published server.
            assertThat(text).isEqualTo(golden.text().strip());
        } else {
            // Only the tokens before the reference's first close choice.
            var limited = client.chat()
                    .completions()
                    .create(params.toBuilder()
                            .maxCompletionTokens(Math.max(1, golden.clear()))
                            .build());
            String start = limited.choices().getFirst().message().content().orElseThrow();
            String firm = start.replaceAll("\uFFFD+$", "");
            assertThat(golden.text().strip()).startsWith(firm);
        }
        client.close();
    }

    private static ChatCompletionCreateParams params(Case golden) {
        var parts = new ArrayList<ChatCompletionContentPart>();
        golden.pictures()
                .forEach(it -> parts.add(ChatCompletionContentPart.ofImageUrl(ChatCompletionContentPartImage.builder()
                        .imageUrl(ChatCompletionContentPartImage.ImageUrl.builder()
                                .url(TestServer.dataUrl(it))
                                .build())
                        .build())));
        // Like the published clients: the question after its mode and placeholders.
        parts.add(ChatCompletionContentPart.ofText(
                ChatCompletionContentPartText.builder().text(golden.query()).build()));
        return ChatCompletionCreateParams.builder()
                .model("describe_anything_model")
                .temperature(0)
                .maxCompletionTokens(golden.tokens())
                .addUserMessageOfArrayOfContentParts(parts)
                .build();
    }

    private static JsonNode read(String file) {
        return Json.MAPPER.readTree(TestServer.root()
                .resolve("src/test/resources/golden")
                .resolve(file)
                .toFile());
    }

    private static Stream<JsonNode> list(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }
}
