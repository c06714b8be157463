package io.github.describeanything.server.openai.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.server.TestServer;
import java.net.http.HttpResponse;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * An answer with the log-probabilities of its tokens, which detect smaller differences than its text. Equal to another
 * one with the same tokens and log-probabilities, except for rounding, which depends on how much of the prompt was
 * cached. Immutable.
 */
final class Answered {
    /** Far above rounding errors, far below the effect of another region. */
    private static final double ROUNDING = 1e-3;

    private final String text;
    private final List<String> tokens;
    private final List<Double> logprobs;

    private Answered(String text, List<String> tokens, List<Double> logprobs) {
        this.text = text;
        this.tokens = tokens;
        this.logprobs = logprobs;
    }

    /** The first choice of a response with log-probabilities. */
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
