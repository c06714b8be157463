package io.github.describeanything.server.openai.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.server.TestServer;
import java.net.http.HttpResponse;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A text and the log-probabilities of its tokens: finer than the text alone. Equal to another with the same tokens whose
 * log-probabilities are the same but for rounding, which differs with the part of a prompt that was known. Immutable.
 */
final class Answered {
    /** Far above rounding, far below what another region changes. */
    private static final double ROUNDING = 1e-3;

    private final String text;
    private final List<String> tokens;
    private final List<Double> logprobs;

    private Answered(String text, List<String> tokens, List<Double> logprobs) {
        this.text = text;
        this.tokens = tokens;
        this.logprobs = logprobs;
    }

    /** The first choice of a whole answer with log-probabilities. */
    static Answered of(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonNode choice = TestServer.json(response).at("/choices/0");
        List<JsonNode> content = choice.at("/logprobs/content").valueStream().toList();
        assertThat(content).isNotEmpty();
        return new Answered(
                choice.at("/message/content").asString(),
                content.stream().map(it -> it.path("token").asString()).toList(),
                content.stream().map(it -> it.path("logprob").asDouble()).toList());
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof Answered that) || !text.equals(that.text) || !tokens.equals(that.tokens)) {
            return false;
        }
        for (int i = 0; i < logprobs.size(); i++) {
            if (Math.abs(logprobs.get(i) - that.logprobs.get(i)) > ROUNDING) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        return tokens.hashCode();
    }

    @Override
    public String toString() {
        return text + " " + tokens + " " + logprobs;
    }
}
