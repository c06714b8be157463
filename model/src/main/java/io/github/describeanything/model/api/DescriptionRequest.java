package io.github.describeanything.model.api;

import java.util.List;

/**
 * What to answer about a subject, and how. Immutable.
 *
 * @param question the question; blank asks the model's default question
 * @param maxTokens maximum tokens to generate, at least 1
 * @param stop strings that end the answer and do not appear in it
 * @param ignoreEos whether to continue after the end token, up to {@code maxTokens}
 */
public record DescriptionRequest(
        String question, SamplingOptions sampling, int maxTokens, List<String> stop, boolean ignoreEos) {

    /** The model's default question, answered greedily with at most 512 tokens. */
    public static final DescriptionRequest DEFAULT =
            new DescriptionRequest("", SamplingOptions.GREEDY, 512, List.of(), false);

    /** @throws RequestException if {@code maxTokens} is below 1 */
    public DescriptionRequest {
        stop = List.copyOf(stop);
        SamplingParameter.MAX_TOKENS.require(maxTokens);
    }

    /** This request with another question. */
    public DescriptionRequest asking(String other) {
        return new DescriptionRequest(other, sampling, maxTokens, stop, ignoreEos);
    }

    /** This request with other sampling. */
    public DescriptionRequest sampling(SamplingOptions other) {
        return new DescriptionRequest(question, other, maxTokens, stop, ignoreEos);
    }

    /** This request with at most this many tokens. */
    public DescriptionRequest limitedTo(int tokens) {
        return new DescriptionRequest(question, sampling, tokens, stop, ignoreEos);
    }

    /** This request with these stop strings. */
    public DescriptionRequest stoppingAt(List<String> strings) {
        return new DescriptionRequest(question, sampling, maxTokens, strings, ignoreEos);
    }

    /** This request, continuing after the end token. */
    public DescriptionRequest ignoringEnd() {
        return new DescriptionRequest(question, sampling, maxTokens, stop, true);
    }
}
