package io.github.describeanything.server.openai;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.openai.UserMessage.TextRegion;
import io.github.describeanything.server.service.AlphaMask;
import io.github.describeanything.server.service.DescribeCommand;
import io.github.describeanything.server.service.DescribeCommand.Pictures;
import io.github.describeanything.server.service.DescribeCommand.Source;
import io.github.describeanything.server.service.DescribeCommand.VideoFile;
import io.github.describeanything.server.service.DescribedRegions;
import io.github.describeanything.server.service.MaskSource;
import io.github.describeanything.server.service.MissingMask;
import io.github.describeanything.server.service.Sampled;
import io.github.describeanything.server.service.Tasks;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/**
 * Reads the fields that all wire forms share into a command. Thread-safe.
 *
 * @param regions reads the field {@code regions}
 * @param missingMask what happens to pictures without a mask
 */
public record CommandReader(RegionsReader regions, MissingMask missingMask) {

    private static final int MAX_TASKS = 16;

    /** @param regionIds the client's ids of the regions; empty without {@code regions} */
    public record Result(DescribeCommand command, List<Optional<JsonNode>> regionIds) {}

    /**
     * @param topLogprobs alternatives per token; empty without log-probabilities
     * @param n answers per region
     */
    public Result read(Fields fields, Conversation.Asked asked, OptionalInt maxTokens, OptionalInt topLogprobs, int n) {
        boolean upright = upright(fields, asked.region().isPresent());
        List<RegionEntry> entries = regions.read(fields.node("regions"), upright);
        Optional<MaskSource> inText = inText(asked, entries);
        FollowedRegions followed = regions.followed();
        List<Optional<JsonNode>> ids = switch (asked.source()) {
            case Pictures it
            when it.images().size() == 1 ->
                entries.stream().map(RegionEntry::id).toList();
            case Pictures ignored -> RequestedRegion.ids(entries);
            case VideoFile ignored -> RequestedRegion.ids(entries);
        };
        Function<Sampled, List<List<MaskSource>>> onFrames = frames -> inText.map(it ->
                        RequestedRegion.written(it, asked.region().orElseThrow().param(), frames.count(), followed))
                .map(it -> List.of(it.masks()))
                .orElseGet(() -> entries.isEmpty()
                        ? List.of(inAlpha(asked.source(), frames.count()))
                        : RequestedRegion.of(entries, frames, followed).stream()
                                .map(RequestedRegion::masks)
                                .toList());
        var described = switch (asked.source()) {
            // Wrong regions are refused before anything is fetched.
            case Pictures it -> DescribedRegions.of(onFrames.apply(sampled(it)));
            case VideoFile ignored -> new DescribedRegions(Math.max(1, ids.size()), onFrames);
        };
        var command = new DescribeCommand(
                fields.string("model"),
                asked.source(),
                upright,
                described,
                asked.question(),
                tasks(fields, asked),
                SamplingFields.read(fields, topLogprobs),
                fields.seed("seed"),
                maxTokens,
                SamplingFields.stop(fields),
                fields.flag("ignore_eos"),
                n,
                fields.flag("return_masks"));
        return new Result(command, ids);
    }

    /** The fields {@code task}, {@code tasks} and {@code language}; which tasks there are, the model knows. */
    private static Optional<Tasks> tasks(Fields fields, Conversation.Asked asked) {
        Optional<String> single = fields.string("task");
        JsonNode list = fields.node(Tasks.LIST);
        Optional<String> language = fields.string("language");
        if (single.isEmpty() && list.isNull()) {
            fields.require(language.isEmpty(), "language", "needs task or tasks: a question has its own language");
            return Optional.empty();
        }
        String param = single.isPresent() ? "task" : Tasks.LIST;
        fields.require(single.isEmpty() || list.isNull(), "task", "cannot be combined with tasks: send one of the two");
        fields.require(
                asked.question().isEmpty(), param, "cannot be combined with a question as text: send one of the two");
        var names = new ArrayList<>(single.stream().toList());
        fields.require(
                single.isPresent() || list.isArray() && !list.isEmpty() && list.size() <= MAX_TASKS,
                Tasks.LIST,
                "must be a list of 1 to " + MAX_TASKS + " tasks");
        for (JsonNode name : list) {
            fields.require(name.isString(), Tasks.LIST + "[" + names.size() + "]", "must be a string");
            names.add(name.asString());
        }
        return Optional.of(new Tasks(param, names, language.orElse("en")));
    }

    /** The coordinates of a region in the question are those of the picture as programs show it: upright. */
    private static boolean upright(Fields fields, boolean regionInText) {
        return switch (fields.string("orientation").orElse(regionInText ? "apply" : "stored")) {
            case "stored" -> false;
            case "apply" -> true;
            default -> throw ApiException.badValue("orientation", "orientation must be stored or apply");
        };
    }

    private static Sampled sampled(Pictures pictures) {
        int count = pictures.images().size();
        return new Sampled(count, List.of(), IntStream.range(0, count).boxed().toList());
    }

    /** The region in the question. */
    private Optional<MaskSource> inText(Conversation.Asked asked, List<RegionEntry> entries) {
        Optional<TextRegion> inText = asked.region();
        if (inText.isPresent() && !entries.isEmpty()) {
            throw ApiException.badRequest(
                    "regions",
                    "invalid_region",
                    "regions: the question also contains a region, in "
                            + inText.get().param() + "; send one of the two");
        }
        return inText.map(it -> regions.written(it.region(), it.param()));
    }

    private List<MaskSource> inAlpha(Source source, int frames) {
        return switch (source) {
            case Pictures it ->
                it.images().stream()
                        .<MaskSource>map(image -> new AlphaMask(image.param(), missingMask))
                        .toList();
            case VideoFile it ->
                Collections.nCopies(frames, new AlphaMask(it.file().param(), missingMask));
        };
    }
}
