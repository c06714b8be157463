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
 * @param source what is described
 * @param upright whether to apply the orientation tags of pictures and mask files, as viewers do
 * @param regions what is described of it
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
        Source source,
        boolean upright,
        DescribedRegions regions,
        String question,
        Optional<Tasks> tasks,
        Consumer<SamplingOptions.Builder> sampling,
        OptionalLong seed,
        OptionalInt maxTokens,
        List<String> stop,
        boolean ignoreEos,
        int n,
        boolean returnMasks) {

    /** What is described. */
    public sealed interface Source {}

    /** One picture, or the frames of a video. */
    public record Pictures(List<ImageReference> images) implements Source {
        public Pictures {
            images = List.copyOf(images);
        }
    }

    /** A video file. */
    public record VideoFile(ImageReference file) implements Source {}

    public DescribeCommand {
        stop = List.copyOf(stop);
    }

    /** The same command, whose answer has the regions' masks. */
    public DescribeCommand returningMasks() {
        return new DescribeCommand(
                model, source, upright, regions, question, tasks, sampling, seed, maxTokens, stop, ignoreEos, n, true);
    }

    /** Total number of answers: {@code n} to each question about each region, those of one region in a row. */
    public int choices() {
        return n * tasks.map(it -> it.names().size()).orElse(1) * regions.count();
    }
}
