package io.github.describeanything.model;

import io.github.describeanything.focal.Picture;
import java.util.List;

/**
 * One question about one region. Immutable.
 *
 * @param frames one masked picture, or as many as the bundle's video mode takes
 * @param question what to answer; empty asks the bundle's default question
 * @param maxTokens at most this many tokens are generated
 * @param stop strings that end the answer and do not appear in it
 * @param ignoreEos go on after the end token, until {@code maxTokens}
 */
public record DescriptionRequest(
        List<PictureSource> frames,
        String question,
        SamplingOptions sampling,
        int maxTokens,
        List<String> stop,
        boolean ignoreEos) {

    public DescriptionRequest {
        frames = List.copyOf(frames);
        stop = List.copyOf(stop);
        if (maxTokens < 1) {
            throw new RequestException(RequestException.Reason.BAD_VALUE, "max_tokens must be at least 1");
        }
    }

    /** The default question about one masked picture, answered greedily. */
    public static DescriptionRequest of(Picture picture) {
        return new DescriptionRequest(
                List.of(PictureSource.of(picture)), "", SamplingOptions.GREEDY, 512, List.of(), false);
    }

    /** The same with another question. */
    public DescriptionRequest asking(String otherQuestion) {
        return new DescriptionRequest(frames, otherQuestion, sampling, maxTokens, stop, ignoreEos);
    }

    /** The same with another way of sampling. */
    public DescriptionRequest sampling(SamplingOptions other) {
        return new DescriptionRequest(frames, question, other, maxTokens, stop, ignoreEos);
    }

    /** The same with another limit. */
    public DescriptionRequest limitedTo(int tokens) {
        return new DescriptionRequest(frames, question, sampling, tokens, stop, ignoreEos);
    }

    /** The same, going on after the end token. */
    public DescriptionRequest ignoringEnd() {
        return new DescriptionRequest(frames, question, sampling, maxTokens, stop, true);
    }
}
