package io.github.describeanything.server.openai.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.http.Json;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
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

/** Every sampling field has its documented effect. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SamplingTest {
    private TestServer server;

    @BeforeAll
    void start() {
        server = TestServer.start("golden-joint-fp32");
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private JsonNode ask(String fields) {
        String body = TestServer.request(TestServer.dataUrl("blob.png"), "", "")
                .replace("\"temperature\": 0, \"max_tokens\": 16,", fields);
        var response = server.post(body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return TestServer.json(response);
    }

    private String text(String fields) {
        return ask(fields).at("/choices/0/message/content").asString();
    }

    private static final String GREEDY = "\"temperature\": 0, \"max_tokens\": 24,";
    private static final String HOT = "\"temperature\": 1.5, \"top_p\": 1, \"top_k\": 0, \"max_tokens\": 24,";

    @Test
    void theSameSeedGivesTheSameTextAndAnotherSeedAnother() {
        String first = text(HOT + "\"seed\": 7,");
        assertThat(text(HOT + "\"seed\": 7,")).isEqualTo(first);
        assertThat(text(HOT + "\"seed\": 8,")).isNotEqualTo(first);
    }

    /** Each pair is the same integer. */
    @ParameterizedTest
    @CsvSource({
        "7, 7.0",
        "-3, -3",
        "1000000000000000000, 1e18",
        "100000000000000000000000, 1e23",
        "-9007199254740991, -9007199254740991.0",
        "340282366920938463463374607431768211455, 340282366920938463463374607431768211455",
        "1e400, 1e400"
    })
    void anyIntegerIsASeed(String seed, String same) {
        assertThat(text(HOT + "\"seed\": " + seed + ",")).isEqualTo(text(HOT + "\"seed\": " + same + ","));
        assertThat(text(HOT + "\"seed\": " + seed + ",")).isNotEqualTo(text(HOT + "\"seed\": 11,"));
    }

    @Test
    void seedsBeyond64BitsDiffer() {
        assertThat(text(HOT + "\"seed\": 36893488147419103233,"))
                .isNotEqualTo(text(HOT + "\"seed\": 36893488147419103234,"));
    }

    @Test
    void withoutASeedAnswersDiffer() {
        Set<String> texts = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            texts.add(text(HOT));
        }
        assertThat(texts).hasSizeGreaterThan(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"top_p\": 0", "\"top_p\": 1e-9", "\"top_k\": 1", "\"min_p\": 1"})
    void tinyTopPTopKOrLargeMinPIsGreedy(String field) {
        assertThat(text("\"temperature\": 1.5, \"top_p\": 1, \"top_k\": 0, \"max_tokens\": 24,"
                                .replaceFirst(field.split(":")[0] + ": [^,]*,", "")
                        + field + ","))
                .isEqualTo(text(GREEDY));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"repetition_penalty\": 5",
                "\"frequency_penalty\": 2",
                "\"presence_penalty\": 2",
                "\"logit_bias\": {\"66\": 100}"
            })
    void penaltiesAndBiasesChangeTheAnswer(String field) {
        assertThat(text(GREEDY + field + ",")).isNotEqualTo(text(GREEDY));
    }

    @Test
    void biasesOf100ForceAndOfMinus100ForbidAToken() {
        String forced = text(GREEDY + "\"logit_bias\": {\"66\": 100},");
        assertThat(forced).matches("(.)\\1+");
        assertThat(text(GREEDY + "\"logit_bias\": {\"66\": -100},")).doesNotContain(forced.substring(0, 1));
    }

    @Test
    void temperatureChangesTheAnswerAndZeroIsGreedy() {
        assertThat(text(HOT + "\"seed\": 7,")).isNotEqualTo(text(GREEDY));
        assertThat(text(GREEDY + "\"seed\": 8,")).isEqualTo(text(GREEDY + "\"seed\": 7,"));
    }

    @Test
    void theSameSeedGivesTheSameTextInABatch() {
        String alone = text(HOT + "\"seed\": 11,");
        var others = IntStream.range(0, 3)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> text(HOT + "\"seed\": " + i + ",")))
                .toList();
        assertThat(text(HOT + "\"seed\": 11,")).isEqualTo(alone);
        others.forEach(CompletableFuture::join);
    }

    @Test
    void ignoreEosContinuesAfterTheEndToken() {
        int end = server.model.manifest().decoder().eosTokenIds().iterator().next();
        String ending = GREEDY + "\"logit_bias\": {\"" + end + "\": 100},";
        JsonNode ended = ask(ending);
        assertThat(ended.at("/choices/0/finish_reason").asString()).isEqualTo("stop");
        assertThat(ended.at("/usage/completion_tokens").asInt()).isLessThanOrEqualTo(1);
        JsonNode endless = ask(ending + "\"ignore_eos\": true,");
        assertThat(endless.at("/choices/0/finish_reason").asString()).isEqualTo("length");
        assertThat(endless.at("/usage/completion_tokens").asInt()).isEqualTo(24);
    }

    @Test
    void theTokenLimitFinishesWithLength() {
        JsonNode answer = ask("\"temperature\": 0, \"max_completion_tokens\": 5,");
        assertThat(answer.at("/choices/0/finish_reason").asString()).isEqualTo("length");
        assertThat(answer.at("/usage/completion_tokens").asInt()).isEqualTo(5);
    }

    @Test
    void aLimitBeyondTheContextIsClamped() {
        JsonNode answer = ask("\"temperature\": 0, \"ignore_eos\": true, \"max_tokens\": 100000,");
        assertThat(answer.at("/choices/0/finish_reason").asString()).isEqualTo("length");
        assertThat(answer.at("/usage/total_tokens").asInt()).isEqualTo(server.model.context());
    }

    @Test
    void aStopStringEndsTheAnswerAndIsNotShown() {
        String whole = text(GREEDY);
        String stop = whole.substring(whole.length() / 2, whole.length() / 2 + 3);
        JsonNode answer = ask(GREEDY + "\"stop\": [" + Json.MAPPER.writeValueAsString(stop) + "],");
        String text = answer.at("/choices/0/message/content").asString();
        assertThat(text).isEqualTo(whole.substring(0, whole.indexOf(stop)).strip());
        assertThat(answer.at("/choices/0/finish_reason").asString()).isEqualTo("stop");
    }

    @Test
    void aStopStringAcrossTokensIsNeverShown() {
        JsonNode tokens = ask(GREEDY + "\"logprobs\": true,").at("/choices/0/logprobs/content");
        int border = 2;
        while (!(plain(tokens, border) && plain(tokens, border + 1))) {
            border++;
        }
        String before = tokens.at("/" + border + "/token").asString();
        String stop = before.substring(before.length() - 1)
                + tokens.at("/" + (border + 1) + "/token").asString().substring(0, 1);
        String whole = text(GREEDY);
        assertThat(whole).contains(stop);
        String field = GREEDY + "\"stop\": " + Json.MAPPER.writeValueAsString(stop) + ",";
        String stopped = text(field);
        assertThat(stopped).isEqualTo(whole.substring(0, whole.indexOf(stop)).strip());
        String streamed = server.post(TestServer.request(TestServer.dataUrl("blob.png"), "", "")
                        .replace("\"temperature\": 0, \"max_tokens\": 16,", field + "\"stream\": true,"))
                .body()
                .lines()
                .filter(it -> it.startsWith("data: {"))
                .map(it -> Json.MAPPER
                        .readTree(it.substring(6))
                        .at("/choices/0/delta/content")
                        .asString(""))
                .collect(Collectors.joining());
        assertThat(streamed).isEqualTo(stopped);
    }

    @Test
    void logprobsDoNotRevealAStopString() {
        JsonNode whole = ask(GREEDY + "\"logprobs\": true,").at("/choices/0");
        JsonNode tokens = whole.at("/logprobs/content");
        int border = 2;
        while (!(plain(tokens, border) && plain(tokens, border + 1))) {
            border++;
        }
        // The text of two tokens, so that the first is held back until the second arrives.
        String stop = tokens.at("/" + border + "/token").asString()
                + tokens.at("/" + (border + 1) + "/token").asString();
        int at = whole.at("/message/content").asString().indexOf(stop);
        String field = GREEDY + "\"logprobs\": true, \"stop\": " + Json.MAPPER.writeValueAsString(stop) + ",";
        JsonNode stopped = ask(field).at("/choices/0");
        assertThat(joined(stopped.at("/logprobs/content")).strip())
                .isEqualTo(
                        whole.at("/message/content").asString().substring(0, at).strip());
        var streamed = new StringBuilder();
        server.post(TestServer.request(TestServer.dataUrl("blob.png"), "", "")
                        .replace("\"temperature\": 0, \"max_tokens\": 16,", field + "\"stream\": true,"))
                .body()
                .lines()
                .filter(it -> it.startsWith("data: {"))
                .map(it -> Json.MAPPER.readTree(it.substring(6)).at("/choices/0/logprobs/content"))
                .forEach(it -> streamed.append(joined(it)));
        assertThat(streamed.toString()).isEqualTo(joined(stopped.at("/logprobs/content")));
    }

    private static String joined(JsonNode tokens) {
        var all = new StringBuilder();
        tokens.forEach(it -> all.append(it.path("token").asString()));
        return all.toString();
    }

    /** Whether a token consists of whole characters and is not only white space. */
    private static boolean plain(JsonNode tokens, int index) {
        String token = tokens.at("/" + index + "/token").asString();
        return !token.isBlank() && !token.contains("\uFFFD") && token.charAt(0) != ' ';
    }

    @Test
    void logprobsAreReportedForEveryTokenWithAlternatives() {
        JsonNode answer = ask(GREEDY + "\"logprobs\": true, \"top_logprobs\": 4,");
        JsonNode content = answer.at("/choices/0/logprobs/content");
        assertThat(content.size())
                .isEqualTo(answer.at("/usage/completion_tokens").asInt());
        for (JsonNode token : content) {
            assertThat(token.path("logprob").asDouble()).isLessThanOrEqualTo(0);
            assertThat(token.path("top_logprobs").size()).isEqualTo(4);
            assertThat(token.at("/top_logprobs/0/token")).isEqualTo(token.path("token"));
            assertThat(token.path("bytes").isArray()).isTrue();
            double sum = 0;
            double last = 0;
            for (JsonNode top : token.path("top_logprobs")) {
                assertThat(top.path("logprob").asDouble()).isLessThanOrEqualTo(last);
                last = top.path("logprob").asDouble();
                sum += Math.exp(last);
            }
            assertThat(sum).isBetween(0.0, 1.0001);
        }
        JsonNode without = ask(GREEDY).at("/choices/0");
        assertThat(without.get("logprobs").isNull()).isTrue();
        assertThat(without.path("message")).isEqualTo(answer.at("/choices/0/message"));
    }

    @Test
    void thePromptOfSeveralAnswersCountsOnce() {
        JsonNode one = ask(HOT + "\"seed\": 3,");
        JsonNode three = ask(HOT + "\"seed\": 3, \"n\": 3,");
        assertThat(three.path("choices").size()).isEqualTo(3);
        assertThat(three.at("/choices/0/message/content")).isEqualTo(one.at("/choices/0/message/content"));
        assertThat(three.at("/choices/1/message/content")).isNotEqualTo(one.at("/choices/0/message/content"));
        assertThat(three.at("/usage/prompt_tokens")).isEqualTo(one.at("/usage/prompt_tokens"));
    }

    @Test
    void nullAndUnknownFieldsAreAccepted() {
        String odd = GREEDY + "\"top_p\": null, \"stop\": null, \"tools\": null, \"seed\": null, \"user\": \"me\","
                + " \"metadata\": {\"a\": 1}, \"use_cache\": true, \"num_beams\": 1, \"frobnicate\": [1],";
        assertThat(text(odd)).isEqualTo(text(GREEDY));
    }
}
