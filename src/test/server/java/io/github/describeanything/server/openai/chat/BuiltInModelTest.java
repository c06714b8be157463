package io.github.describeanything.server.openai.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.models.chat.completions.ChatCompletionContentPart;
import com.openai.models.chat.completions.ChatCompletionContentPartImage;
import com.openai.models.chat.completions.ChatCompletionContentPartText;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.http.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * The built-in model describes pictures of its generator correctly: two masks in one picture, one focal crop on two
 * backgrounds, two halves of one box, a moving object.
 */
class BuiltInModelTest {
    private static final String DETAIL = "Describe the masked region in detail.";

    private static TestServer server;
    private static OpenAIClient client;

    /** A question in held-out words, and its true answer. */
    record Ask(String question, String answer) {}

    /** A picture or clip with a question, words that the answer must have, and words that it must not have. */
    record Sample(
            String name, List<String> files, String question, List<String> must, List<String> mustNot, List<Ask> asks) {
        @Override
        public String toString() {
            return name;
        }
    }

    @BeforeAll
    static void start() {
        server = TestServer.startBuiltIn();
        client = server.openAi();
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    static Stream<Sample> samples() {
        return Stream.concat(read("src/test/resources/mini"), read("docs/sample"));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void answersHaveTheRightWords(Sample sample) {
        String answer = ask(sample, sample.question()).toLowerCase(Locale.ROOT);
        assertThat(answer).contains(sample.must());
        for (String wrong : sample.mustNot()) {
            assertThat(answer).doesNotContain(wrong);
        }
    }

    /** One in three of these questions comes after a hundred words and more of a chat program's own text. */
    @ParameterizedTest
    @MethodSource("asked")
    void answersInTheWishedFormWhatIsAskedInWordsItNeverSaw(Sample sample, Ask ask) {
        assertThat(plain(ask(sample, ask.question()))).isEqualTo(plain(ask.answer()));
    }

    static Stream<Arguments> asked() {
        return read("src/test/resources/mini")
                .flatMap(sample -> sample.asks().stream().map(ask -> Arguments.of(sample, ask)));
    }

    @Test
    void theSamplesAreAskedInThreeWaysEach() {
        assertThat(read("src/test/resources/mini"))
                .allSatisfy(sample -> assertThat(sample.asks()).hasSize(3));
    }

    /** What counts of an answer: its words. */
    private static String plain(String answer) {
        return answer.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9']+", " ").strip();
    }

    @Test
    void twoMasksOfAPictureGetDifferentNames() {
        List<String> answers = named("two-masks").map(it -> ask(it, DETAIL)).toList();
        assertThat(answers).hasSize(3).doesNotHaveDuplicates();
    }

    @Test
    void briefAndOneWordAnswersAreShort() {
        Sample sample = named("two-masks").findFirst().orElseThrow();
        String detailed = ask(sample, DETAIL);
        String brief = ask(sample, "Describe the masked region briefly.");
        String word = ask(sample, "What is it? Answer in one word.");
        assertThat(brief.length()).isLessThan(detailed.length() / 2);
        assertThat(brief).containsIgnoringCase(sample.must().getFirst());
        assertThat(word.replaceAll("\\W+$", ""))
                .isEqualToIgnoringCase(sample.must().getFirst());
    }

    @Test
    void questionsGetAnswersInsteadOfDescriptions() {
        Sample sample = named("sample-2").findFirst().orElseThrow();
        assertThat(ask(sample, "What colour is it?")).isEqualToIgnoringCase("red.");
        assertThat(ask(sample, "What pattern does it have?")).isEqualToIgnoringCase("striped.");
    }

    @Test
    void unanswerableQuestionsAreDeclined() {
        Sample sample = named("sample-1").findFirst().orElseThrow();
        assertThat(ask(sample, "How much does it cost?")).containsIgnoringCase("can't tell");
    }

    private static Stream<Sample> named(String start) {
        return samples().filter(it -> it.name().startsWith(start));
    }

    private static String ask(Sample sample, String question) {
        var parts = new ArrayList<ChatCompletionContentPart>();
        for (String file : sample.files()) {
            String url = "data:image/png;base64," + Base64.getEncoder().encodeToString(bytes(file));
            parts.add(ChatCompletionContentPart.ofImageUrl(ChatCompletionContentPartImage.builder()
                    .imageUrl(ChatCompletionContentPartImage.ImageUrl.builder()
                            .url(url)
                            .build())
                    .build()));
        }
        parts.add(ChatCompletionContentPart.ofText(
                ChatCompletionContentPartText.builder().text(question).build()));
        var params = ChatCompletionCreateParams.builder()
                .model("dam-mini")
                .addUserMessageOfArrayOfContentParts(parts)
                .temperature(0)
                .build();
        return client.chat()
                .completions()
                .create(params)
                .choices()
                .getFirst()
                .message()
                .content()
                .orElseThrow();
    }

    private static Stream<Sample> read(String folder) {
        Path path = TestServer.root().resolve(folder);
        return Json.MAPPER
                .readTree(path.resolve(folder.startsWith("docs") ? "sample.json" : "samples.json")
                        .toFile())
                .valueStream()
                .map(it -> new Sample(
                        it.path("name").asString(),
                        words(it.path("files")).map(file -> folder + "/" + file).toList(),
                        it.path("question").asString(),
                        words(it.path("must")).toList(),
                        words(it.path("must_not")).toList(),
                        it.path("asks")
                                .valueStream()
                                .map(ask -> new Ask(
                                        ask.path("question").asString(),
                                        ask.path("answer").asString()))
                                .toList()));
    }

    private static Stream<String> words(JsonNode array) {
        return array.valueStream().map(JsonNode::asString);
    }

    private static byte[] bytes(String file) {
        try {
            return Files.readAllBytes(TestServer.root().resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
