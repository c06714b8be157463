package io.github.describeanything.model;

import java.util.List;

/**
 * A finished answer. Immutable.
 *
 * @param text the answer, stripped of surrounding space
 * @param logprobs one entry a token, if they were asked for
 */
public record Description(String text, FinishReason reason, Usage usage, Timings timings, List<TokenLogprob> logprobs) {
    public Description {
        logprobs = List.copyOf(logprobs);
    }
}
