package io.github.describeanything.server.service;

import io.github.describeanything.model.api.SamplingOptions;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * A request to describe regions, independent of its wire form. Immutable.
 *
 * @param model the model name in the request; empty for the default
 * @param images one picture, or the frames of a video
 * @param upright whether to apply the orientation tags of pictures and mask files, as viewers do
 * @param regions for each region, one mask source per image
 * @param question the user's question; empty asks the default question
 * @param tasks the model's own questions, instead of the user's
 * @param sampling overrides the model's defaults
 * @param seed of the first answer; the others to the same region use the following integers
 * @param maxTokens maximum tokens of an answer; empty uses the model's default
 * @param stop strings that end an answer
 * @param ignoreEos whether to continue after the end token
 * @param n answers to each question about a region
 * @param returnMasks whether the regions' masks are part of the answer
 */
public record DescribeCommand(
        Optional<String> model,
        List<ImageReference> images,
        boolean upright,
        List<List<MaskSource>> regions,
        String question,
        Optional<Tasks> tasks,
        Consumer<SamplingOptions.Builder> sampling,
        OptionalLong seed,
        OptionalInt maxTokens,
        List<String> stop,
        boolean ignoreEos,
        int n,
        boolean returnMasks) {

    public DescribeCommand {
        images = List.copyOf(images);
        regions = regions.stream().map(List::copyOf).toList();
        stop = List.copyOf(stop);
        for (List<MaskSource> region : regions) {
            if (region.size() != images.size()) {
                throw new IllegalArgumentException("A region needs one mask source per image");
            }
        }
    }

    /** The same command, whose answer has the regions' masks. */
    public DescribeCommand returningMasks() {
        return new DescribeCommand(
                model, images, upright, regions, question, tasks, sampling, seed, maxTokens, stop, ignoreEos, n, true);
    }

    /** Total number of answers: {@code n} to each question about each region, those of one region in a row. */
    public int choices() {
        return n * tasks.map(it -> it.names().size()).orElse(1) * regions.size();
    }
}
