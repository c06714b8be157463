package io.github.describeanything.server.openai;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.openai.UserMessage.TextRegion;
import io.github.describeanything.server.service.AlphaMask;
import io.github.describeanything.server.service.DescribeCommand;
import io.github.describeanything.server.service.MaskSource;
import io.github.describeanything.server.service.MissingMask;
import io.github.describeanything.server.service.Tasks;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
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
        List<RequestedRegion> named =
                RequestedRegion.of(entries, asked.pictures().size(), regions.followed());
        var command = new DescribeCommand(
                fields.string("model"),
                asked.pictures(),
                upright,
                masks(asked, named),
                asked.question(),
                tasks(fields, asked),
                SamplingFields.read(fields, topLogprobs),
                fields.seed("seed"),
                maxTokens,
                SamplingFields.stop(fields),
                fields.flag("ignore_eos"),
                n,
                fields.flag("return_masks"));
        return new Result(command, named.stream().map(RequestedRegion::id).toList());
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

    /** The masks of each region: from the field {@code regions}, else from the question, else from alpha. */
    private List<List<MaskSource>> masks(Conversation.Asked asked, List<RequestedRegion> named) {
        int frames = asked.pictures().size();
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
            return List.of(RequestedRegion.written(mask, param, frames, regions.followed())
                    .masks());
        }
        return named.isEmpty()
                ? List.of(asked.pictures().stream()
                        .<MaskSource>map(it -> new AlphaMask(it.param(), missingMask))
                        .toList())
                : named.stream().map(RequestedRegion::masks).toList();
    }
}
