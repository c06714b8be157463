package io.github.describeanything.server.openai;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.openai.UserMessage.TextRegion;
import io.github.describeanything.server.service.AlphaMask;
import io.github.describeanything.server.service.DescribeCommand;
import io.github.describeanything.server.service.Mark;
import io.github.describeanything.server.service.MaskSource;
import io.github.describeanything.server.service.MissingMask;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/**
 * Reads the fields that all wire forms share into a command. Thread-safe.
 *
 * @param regions reads the field {@code regions}
 * @param missingMask what happens to pictures without a mask
 */
public record CommandReader(RegionsReader regions, MissingMask missingMask) {

    /** @param regionIds the client's ids of the regions; empty without {@code regions} */
    public record Result(DescribeCommand command, List<Optional<JsonNode>> regionIds) {}

    /**
     * @param topLogprobs alternatives per token; empty without log-probabilities
     * @param n answers per region
     */
    public Result read(Fields fields, Conversation.Asked asked, OptionalInt maxTokens, OptionalInt topLogprobs, int n) {
        boolean upright = upright(fields, asked.region().isPresent());
        List<RegionEntry> entries = regions.read(fields.node("regions"), upright);
        List<RequestedRegion> named = RequestedRegion.of(entries, asked.source(), regions.tracks());
        var command = new DescribeCommand(
                fields.string("model"),
                asked.source(),
                upright,
                marks(asked, named),
                asked.question(),
                SamplingFields.read(fields, topLogprobs),
                fields.seed("seed"),
                maxTokens,
                SamplingFields.stop(fields),
                fields.flag("ignore_eos"),
                n,
                fields.flag("return_masks"));
        return new Result(command, named.stream().map(RequestedRegion::id).toList());
    }

    /** The coordinates of a region in the question are those of the picture as programs show it: upright. */
    private static boolean upright(Fields fields, boolean regionInText) {
        return switch (fields.string("orientation").orElse(regionInText ? "apply" : "stored")) {
            case "stored" -> false;
            case "apply" -> true;
            default -> throw ApiException.badValue("orientation", "orientation must be stored or apply");
        };
    }

    /** The marks of each region: from the field {@code regions}, else from the question, else from alpha. */
    private List<List<Mark>> marks(Conversation.Asked asked, List<RequestedRegion> named) {
        Optional<TextRegion> inText = asked.region();
        if (inText.isPresent() && !named.isEmpty()) {
            throw ApiException.badRequest(
                    "regions",
                    "invalid_region",
                    "regions: the question also contains a region, in "
                            + inText.get().param() + "; send one of the two");
        }
        if (inText.isPresent()) {
            String param = inText.get().param();
            MaskSource mask = regions.written(inText.get().region(), param);
            return List.of(RequestedRegion.written(mask, param, asked.source()).marks());
        }
        return named.isEmpty()
                ? List.of(inAlpha(asked.source()))
                : named.stream().map(RequestedRegion::marks).toList();
    }

    private List<Mark> inAlpha(DescribeCommand.Source source) {
        return switch (source) {
            case DescribeCommand.Pictures it ->
                IntStream.range(0, it.images().size())
                        .mapToObj(i -> {
                            String param = it.images().get(i).param();
                            return new Mark(new Mark.Frame(i), new AlphaMask(param, missingMask), param);
                        })
                        .toList();
            case DescribeCommand.VideoFile it -> {
                String param = it.file().param();
                if (missingMask == MissingMask.REFUSE) {
                    throw ApiException.badRequest(
                            param,
                            "missing_mask",
                            "The request has no region: send regions with the video, or write @whole in the question");
                }
                yield List.of(new Mark(new Mark.Always(), new AlphaMask(param, missingMask), param));
            }
        };
    }
}
