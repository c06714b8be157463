package io.github.describeanything.server.openai.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.region.Box;
import io.github.describeanything.focal.region.Drawn;
import io.github.describeanything.focal.region.RunLengths;
import io.github.describeanything.server.GoldenPam;
import io.github.describeanything.server.Limits;
import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.With;
import io.github.describeanything.server.http.Json;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Perceive Anything over HTTP: tasks, its own masks, points and boxes as they are, and what is refused. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PamOverHttpTest {
    private static final int PREFIX = 1056;
    private static final int PREFIX_OF_ANY_PICTURE = 14;
    private static final String POINTS = "{\"points\": [[100, 150], [60, 201], [150, 300]], \"labels\": [1, 1, 0]}";
    private static final String BOX = "{\"box\": [90, 60, 211, 170]}";

    private TestServer server;

    @BeforeAll
    void start() {
        server = TestServer.start("pam-golden", 6, 64, UnaryOperator.identity());
    }

    @AfterAll
    void stop() {
        server.close();
    }

    /** @param text a JSON string; empty sends the picture only */
    private String body(String picture, String text, String more) {
        String url = GoldenPam.url(picture + ".png");
        String part = text.isEmpty() ? "" : ", {\"type\": \"text\", \"text\": " + text + "}";
        return "{\"temperature\": 0, \"max_tokens\": 24, \"messages\": [{\"role\": \"user\", \"content\": ["
                + "{\"type\": \"image_url\", \"image_url\": {\"url\": \"" + url + "\"}}" + part + "]}]" + more + "}";
    }

    private JsonNode answer(String picture, String text, String more) {
        HttpResponse<String> response = server.post(body(picture, text, more));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return TestServer.json(response);
    }

    private static String text(JsonNode answer) {
        return answer.at("/choices/0/message/content").asString();
    }

    @Test
    void aPublishedPromptIsAnsweredAsPublishedAndThePenaltyCanBeLeftOut() {
        JsonNode golden = GoldenPam.record("points");
        String question =
                Json.MAPPER.writeValueAsString(golden.path("query").asString().replaceFirst("<image>\n", ""));
        String plain = text(answer("points", question, ", \"repetition_penalty\": 1, \"regions\": [" + POINTS + "]"));
        assertThat(plain).isEqualTo(golden.path("greedy_text").asString().strip());
        JsonNode penalised = answer("points", question, ", \"logprobs\": true, \"regions\": [" + POINTS + "]");
        assertThat(text(penalised)).isNotEqualTo(plain);
        String explicit =
                text(answer("points", question, ", \"repetition_penalty\": 1.05, \"regions\": [" + POINTS + "]"));
        assertThat(text(penalised)).isEqualTo(explicit);
        assertThat(penalised.at("/usage/prompt_tokens").asInt())
                .isEqualTo(golden.path("prompt_positions").asInt());
        String task = text(answer(
                "points", "", ", \"task\": \"definition\", \"language\": \"zh\", \"regions\": [" + POINTS + "]"));
        assertThat(task).isEqualTo(text(penalised));
    }

    @Test
    void severalTasksShareThePictureAndAreAnsweredRegionByRegion() {
        String regions =
                ", \"regions\": [{\"id\": \"a\", \"box\": [20, 30, 100, 90]}, {\"id\": \"b\", \"box\": [90.5, 60, 211, 170]}]";
        String tasks = ", \"return_masks\": true, \"tasks\": [\"label\", \"definition\", \"caption\"]";
        JsonNode answer = answer("box", "", tasks + regions);
        var names = new ArrayList<String>();
        for (JsonNode choice : answer.path("choices")) {
            names.add(
                    choice.at("/region/index").asInt() + choice.at("/region/id").asString() + " "
                            + choice.path("task").asString());
            assertThat(choice.at("/region/mask").isMissingNode())
                    .isEqualTo(!choice.path("task").asString().equals("label"));
        }
        assertThat(names)
                .containsExactly("0a label", "0a definition", "0a caption", "1b label", "1b definition", "1b caption");
        assertThat(answer.at("/usage/prompt_tokens_details/cached_tokens").asInt())
                .isGreaterThanOrEqualTo(4 * PREFIX);
        int sum = 0;
        for (int i = 0; i < 6; i++) {
            String task =
                    ", \"task\": \"" + List.of("label", "definition", "caption").get(i % 3) + "\"";
            String region =
                    ", \"regions\": [{\"box\": " + (i < 3 ? "[20, 30, 100, 90]" : "[90.5, 60, 211, 170]") + "}]";
            JsonNode alone = answer("box", "", task + region);
            assertThat(answer.path("choices").get(i).at("/message/content").asString())
                    .as("the same alone")
                    .isEqualTo(text(alone));
            sum += alone.at("/usage/prompt_tokens").asInt();
        }
        assertThat(answer.at("/usage/prompt_tokens").asInt()).isEqualTo(sum);
    }

    /** Several answers to a question count its prompt once: as far as none of them had it from elsewhere. */
    @Test
    void tokensThatWereComputedAreNotCountedAsCached() {
        JsonNode answer = answer(
                "one_point",
                "",
                ", \"n\": 2, \"tasks\": [\"label\", \"caption\"], \"regions\": [{\"points\": [[33, 120]]}]");
        assertThat(answer.path("choices")
                        .valueStream()
                        .map(it -> it.path("task").asString()))
                .containsExactly("label", "label", "caption", "caption");
        int prompt = answer.at("/usage/prompt_tokens").asInt();
        int cached = answer.at("/usage/prompt_tokens_details/cached_tokens").asInt();
        assertThat(prompt)
                .isEqualTo(2
                        * GoldenPam.record("one_point").path("prompt_positions").asInt());
        assertThat(cached).isBetween(PREFIX, prompt - PREFIX + PREFIX_OF_ANY_PICTURE);
    }

    @Test
    void aTaskMayBeAskedTwice() {
        JsonNode answer = answer("box", "", ", \"tasks\": [\"label\", \"label\"], \"regions\": [" + BOX + "]");
        assertThat(answer.path("choices")).hasSize(2);
        assertThat(answer.at("/choices/1/message/content")).isEqualTo(answer.at("/choices/0/message/content"));
    }

    @Test
    void streamsAndResponsesNameTheTaskToo() {
        String tasks = ", \"tasks\": [\"label\", \"caption\"], \"language\": \"zh\", \"regions\": [" + BOX + "]";
        JsonNode whole = answer("box", "", tasks);
        HttpResponse<String> streamed = server.post(body("box", "", tasks + ", \"stream\": true"));
        var texts = new String[] {"", ""};
        var named = new ArrayList<String>();
        for (String line :
                streamed.body().lines().filter(it -> it.startsWith("data: {")).toList()) {
            JsonNode choice = Json.MAPPER.readTree(line.substring(6)).at("/choices/0");
            int index = choice.path("index").asInt();
            texts[index] += choice.at("/delta/content").asString("");
            if (choice.has("task")) {
                named.add(index
                        + choice.path("task").asString()
                        + choice.at("/region/index").asInt());
            }
            assertThat(texts[index]).doesNotContain("null");
        }
        assertThat(named).containsExactlyInAnyOrder("0label0", "1caption0");
        for (int i = 0; i < 2; i++) {
            assertThat(texts[i])
                    .isEqualTo(
                            whole.path("choices").get(i).at("/message/content").asString());
        }
        String url = GoldenPam.url("box.png");
        HttpResponse<String> response = server.post(
                "/v1/responses",
                "{\"temperature\": 0, \"max_output_tokens\": 24, \"input\": [{\"role\": \"user\", \"content\": ["
                        + "{\"type\": \"input_image\", \"image_url\": \"" + url + "\"}]}]" + tasks + "}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonNode output = TestServer.json(response).path("output");
        for (int i = 0; i < 2; i++) {
            assertThat(output.get(i).path("task").asString()).isEqualTo(i == 0 ? "label" : "caption");
            assertThat(output.get(i).at("/region/index").asInt()).isZero();
            assertThat(output.get(i).at("/content/0/text").asString()).isEqualTo(texts[i]);
        }
    }

    @Test
    void theMasksThatComeBackAreTheModelsOwn() {
        JsonNode golden = GoldenPam.record("box");
        JsonNode answer = answer("box", "", ", \"return_masks\": true, \"regions\": [" + BOX + "]");
        JsonNode found = answer.at("/choices/0/region/mask");
        assertThat(found.path("score").asDouble())
                .isCloseTo(golden.at("/object_score/0").asDouble(), offset(2e-3));
        Mask mask = decoded(found.path("rle"));
        assertThat((double) mask.count()).isCloseTo(golden.at("/mask_area/0").asDouble(), offset(10.0));

        JsonNode lost = answer("points", "", ", \"return_masks\": true, \"regions\": [" + POINTS + "]");
        assertThat(lost.at("/choices/0/region/mask/score").asDouble()).isNegative();
        assertThat(decoded(lost.at("/choices/0/region/mask/rle")).box()).isEmpty();
        assertThat(text(lost)).isNotEmpty();
    }

    private static Mask decoded(JsonNode rle) {
        int height = rle.at("/size/0").asInt();
        int width = rle.at("/size/1").asInt();
        Picture empty = new Picture(width, height, new byte[4 * width * height], false);
        var runs = RunLengths.ofString(height, width, rle.path("counts").asString());
        try {
            return runs.rasterise(empty.width(), empty.height());
        } catch (io.github.describeanything.focal.region.RegionException e) {
            return Mask.of(width, height, new java.util.BitSet());
        }
    }

    @Test
    void boxesGoInUnclippedAndMasksAsTheirTightBox() {
        JsonNode golden = GoldenPam.record("fractional_box_past_the_edge");
        String question =
                Json.MAPPER.writeValueAsString(golden.path("query").asString().replaceFirst("<image>\n", ""));
        JsonNode past = answer(
                "fractional_box_past_the_edge",
                question,
                ", \"repetition_penalty\": 1, \"regions\": [{\"box\": [190.4, 11.75, 270.2, 99.5]}]");
        String start = golden.path("greedy_text").asString().strip();
        assertThat(text(past)).startsWith(start.substring(0, 4));

        String boxed = text(answer("box", "", ", \"task\": \"label\", \"regions\": [" + BOX + "]"));
        Picture picture = TestServer.READER.read(GoldenPam.bytes("box.png"));
        String alpha = RegionPictures.masked(picture, new Drawn(new Box(90, 60, 211, 170).rasterise(320, 240)));
        HttpResponse<String> response = server.post("{\"temperature\": 0, \"max_tokens\": 24, \"task\": \"label\", "
                + "\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image_url\", \"image_url\": \""
                + alpha
                + "\"}]}]}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(TestServer.text(response)).isEqualTo(boxed);
        String polygon = ", \"task\": \"label\", \"regions\": [{\"polygon\": [[90, 60, 211, 60, 211, 170, 90, 170]]}]";
        assertThat(text(answer("box", "", polygon))).isEqualTo(boxed);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"task\": \"sing\" | task | one of caption, definition, detailed_caption, label",
                "\"tasks\": [\"label\", \"sing\"] | tasks[1] | one of caption",
                "\"tasks\": [] | tasks | 1 to 16",
                "\"tasks\": [\"label\", 3] | tasks[1] | string",
                "\"tasks\": \"label\" | tasks | list",
                "\"task\": 1 | task | string",
                "\"task\": \"label\", \"tasks\": [\"label\"] | task | one of the two",
                "\"task\": \"label\", \"language\": \"fr\" | language | one of en, zh",
                "\"language\": \"zh\" | language | needs task",
                "\"regions\": [{\"points\": [[5, 5]], \"box\": [1, 1, 9, 9]}] | regions[0].box | one of the two",
                "\"regions\": [{\"box\": [500, 500, 600, 600]}] | regions[0].box | outside",
                "\"regions\": [{\"box\": [9, 9, 1, 1]}] | regions[0].box | x0 < x1"
            })
    void invalidRequestsNameTheField(String more, String param, String reason) {
        String regions = more.contains("regions") ? "" : ", \"regions\": [" + BOX + "]";
        HttpResponse<String> response = server.post(body("box", "", ", " + more + regions));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(TestServer.json(response).at("/error/param").asString()).isEqualTo(param);
        assertThat(TestServer.json(response).at("/error/message").asString()).contains(reason);
    }

    @Test
    void tooManyTasksAreRefusedByName() {
        var limits = new Limits(1 << 20, 3, 64, 64, Limits.DEFAULT.idle(), Limits.DEFAULT.keepAlive());
        try (var few = TestServer.start("pam-golden", 2, 64, With.limits(limits))) {
            String url = "http://127.0.0.1:" + few.http.port() + "/v1/chat/completions";
            String tasks =
                    ", \"tasks\": [\"label\", \"definition\", \"caption\", \"label\"], \"regions\": [" + BOX + "]";
            HttpResponse<String> response = server.send(HttpRequest.newBuilder(URI.create(url))
                    .POST(HttpRequest.BodyPublishers.ofString(body("box", "", tasks))));
            assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
            assertThat(TestServer.json(response).at("/error/param").asString()).isEqualTo("tasks");
        }
    }

    @Test
    void aQuestionBesideATaskIsRefused() {
        HttpResponse<String> response =
                server.post(body("box", "\"What is it?\"", ", \"task\": \"label\", \"regions\": [" + BOX + "]"));
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(TestServer.json(response).at("/error/param").asString()).isEqualTo("task");
    }
}
