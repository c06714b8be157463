package io.github.describeanything.server.service;

import io.github.describeanything.model.api.SamplingOptions;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * One request to describe regions, whatever wire form it came in. Immutable.
 *
 * @param model the name that the client asked for; empty for the only one
 * @param images one picture, or the frames of a video
 * @param upright whether pictures and mask files are turned as their orientation tag says, as viewers show them
 * @param regions what to describe: for each region a mask source for each image
 * @param question the user's text; empty asks the default question
 * @param sampling sets what was asked for on top of the model's defaults
 * @param seed of the first answer; the n answers to one region have seeds that count up from it
 * @param maxTokens most tokens of an answer; empty takes the model's default
 * @param stop strings that end an answer
 * @param ignoreEos go on after the end token
 * @param n answers to each region
 * @param returnMasks whether the regions' masks are part of the answer
 */
public record DescribeCommand(
        Optional<String> model,
        List<ImageReference> images,
        boolean upright,
        List<List<MaskSource>> regions,
        String question,
        Consumer<SamplingOptions.Builder> sampling,
        OptionalLong seed,
        OptionalInt maxTokens,
        List<String> stop,
        boolean ignoreEos,
        int n,
        boolean returnMasks) {

    /** Without masks in the answer. */
    public DescribeCommand(
            Optional<String> model,
            List<ImageReference> images,
            boolean upright,
            List<List<MaskSource>> regions,
            String question,
            Consumer<SamplingOptions.Builder> sampling,
            OptionalLong seed,
            OptionalInt maxTokens,
            List<String> stop,
            boolean ignoreEos,
            int n) {
        this(model, images, upright, regions, question, sampling, seed, maxTokens, stop, ignoreEos, n, false);
    }

    public DescribeCommand {
        images = List.copyOf(images);
        regions = regions.stream().map(List::copyOf).toList();
        stop = List.copyOf(stop);
        for (List<MaskSource> region : regions) {
            if (region.size() != images.size()) {
                throw new IllegalArgumentException("A region needs one mask source an image");
            }
        }
    }

    /** Answers in all: {@code n} to each region, those to one region in a row. */
    public int choices() {
        return n * regions.size();
    }
}
