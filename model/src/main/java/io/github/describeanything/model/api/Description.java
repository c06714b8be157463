package io.github.describeanything.model.api;

import java.util.List;

/**
 * A finished answer. Immutable.
 *
 * @param text the answer, without leading and trailing white space
 * @param logprobs one entry for each token; empty unless the request asked for them
 */
public record Description(String text, FinishReason reason, Usage usage, Timings timings, List<TokenLogprob> logprobs) {
    public Description {
        logprobs = List.copyOf(logprobs);
    }
}
