package io.github.describeanything.server.openai.chat;

import io.github.describeanything.model.api.SamplingOptions;
import io.github.describeanything.model.api.SamplingParameter;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.openai.AskedRegion;
import io.github.describeanything.server.openai.Fields;
import io.github.describeanything.server.openai.RegionEntry;
import io.github.describeanything.server.openai.RegionsReader;
import io.github.describeanything.server.openai.WireReader;
import io.github.describeanything.server.openai.WireRequest;
import io.github.describeanything.server.openai.chat.UserMessage.TextRegion;
import io.github.describeanything.server.service.AlphaMask;
import io.github.describeanything.server.service.DescribeCommand;
import io.github.describeanything.server.service.MaskSource;
import io.github.describeanything.server.service.MissingMask;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/**
 * Reads chat completion requests. Thread-safe. Unknown fields are ignored, because clients send many; unsupported
 * fields that would change the answer are errors.
 */
public final class ChatReader implements WireReader {
    private static final int MOST_STOPS = 4;
    private static final int LONGEST_STOP = 1000;
    private static final int MOST_BIASES = 1024;
    private static final int LONGEST_KEY = 50;
    private final int mostAnswers;
    private final RegionsReader regions;
    private final MissingMask missingMask;
    private final boolean listDeltas;

    /**
     * @param mostAnswers maximum answers per request
     * @param regions reads the field {@code regions}
     * @param missingMask what happens to pictures without a mask
     * @param listDeltas whether streamed deltas are lists of parts, as the published server's clients expect
     */
    public ChatReader(int mostAnswers, RegionsReader regions, MissingMask missingMask, boolean listDeltas) {
        this.mostAnswers = mostAnswers;
        this.regions = regions;
        this.missingMask = missingMask;
        this.listDeltas = listDeltas;
    }

    @Override
    public WireRequest read(JsonNode body) {
        if (!body.isObject()) {
            throw ApiException.of(400, "invalid_json", "The request must be a JSON object");
        }
        var fields = new Fields(body, "");
        UnsupportedFields.refuse(fields);
        Messages messages = Messages.read(fields.node("messages"));
        boolean upright = upright(fields, messages.region().isPresent());
        List<RegionEntry> entries = regions.read(fields.node("regions"), upright);
        List<AskedRegion> named = AskedRegion.of(entries, messages.pictures().size());
        OptionalInt topLogprobs = topLogprobs(fields);
        var command = new DescribeCommand(
                fields.string("model"),
                messages.pictures(),
                upright,
                masks(messages, named),
                messages.question(),
                sampling(fields, topLogprobs),
                fields.seed("seed"),
                maxTokens(fields),
                stop(fields),
                fields.flag("ignore_eos"),
                fields.integer("n", 1, mostAnswers).orElse(1),
                fields.flag("return_masks"));
        var writer = new ChatWriter(
                topLogprobs.isPresent(),
                includeUsage(fields),
                listDeltas,
                named.stream().map(AskedRegion::id).toList());
        return new WireRequest(command, fields.flag("stream"), writer);
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
    private List<List<MaskSource>> masks(Messages messages, List<AskedRegion> named) {
        int frames = messages.pictures().size();
        Optional<TextRegion> inText = messages.region();
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
            return List.of(AskedRegion.written(mask, param, frames).masks());
        }
        return named.isEmpty()
                ? List.of(messages.pictures().stream()
                        .<MaskSource>map(it -> new AlphaMask(it.param(), missingMask))
                        .toList())
                : named.stream().map(AskedRegion::masks).toList();
    }

    private static Consumer<SamplingOptions.Builder> sampling(Fields fields, OptionalInt topLogprobs) {
        OptionalDouble temperature = fields.number(SamplingParameter.TEMPERATURE);
        OptionalDouble topP = fields.number(SamplingParameter.TOP_P);
        OptionalInt topK = topK(fields);
        OptionalDouble minP = fields.number(SamplingParameter.MIN_P);
        OptionalDouble repetitionPenalty = fields.number(SamplingParameter.REPETITION_PENALTY);
        OptionalDouble frequencyPenalty = fields.number(SamplingParameter.FREQUENCY_PENALTY);
        OptionalDouble presencePenalty = fields.number(SamplingParameter.PRESENCE_PENALTY);
        Map<Integer, Double> logitBias = logitBias(fields);
        return it -> {
            temperature.ifPresent(it::temperature);
            topP.ifPresent(it::topP);
            topK.ifPresent(it::topK);
            minP.ifPresent(it::minP);
            repetitionPenalty.ifPresent(it::repetitionPenalty);
            frequencyPenalty.ifPresent(it::frequencyPenalty);
            presencePenalty.ifPresent(it::presencePenalty);
            it.logitBias(logitBias);
            topLogprobs.ifPresent(it::topLogprobs);
        };
    }

    private static boolean includeUsage(Fields fields) {
        JsonNode options = fields.node("stream_options");
        fields.require(options.isNull() || options.isObject(), "stream_options", "must be an object");
        fields.require(options.isNull() || fields.flag("stream"), "stream_options", "needs stream to be true");
        return options.isObject() && new Fields(options, "stream_options.").flag("include_usage");
    }

    /** Servers use either 0 or -1 for all tokens. */
    private static OptionalInt topK(Fields fields) {
        OptionalInt topK = fields.integer("top_k", -1, Integer.MAX_VALUE);
        return topK.orElse(0) == -1 ? OptionalInt.of(0) : topK;
    }

    private static OptionalInt maxTokens(Fields fields) {
        OptionalInt newer = limit(fields, "max_completion_tokens");
        OptionalInt older = limit(fields, "max_tokens");
        return newer.isPresent() ? newer : older;
    }

    /** Other servers use -1 for no limit; then the context is the limit. */
    private static OptionalInt limit(Fields fields, String name) {
        if (fields.node(name).isNumber() && fields.node(name).asDouble() == -1) {
            return OptionalInt.of(Integer.MAX_VALUE);
        }
        return fields.integer(name, 1, Integer.MAX_VALUE);
    }

    private static OptionalInt topLogprobs(Fields fields) {
        OptionalInt top = fields.integer(SamplingParameter.TOP_LOGPROBS);
        boolean wanted = fields.flag("logprobs");
        fields.require(wanted || top.orElse(0) == 0, "top_logprobs", "needs logprobs to be true");
        return wanted ? OptionalInt.of(top.orElse(0)) : OptionalInt.empty();
    }

    private static List<String> stop(Fields fields) {
        JsonNode stop = fields.node("stop");
        if (stop.isNull()) {
            return List.of();
        }
        boolean several = stop.isArray() && stop.size() <= MOST_STOPS;
        fields.require(stop.isString() || several, "stop", "must be a string or up to 4 strings");
        var stops = new ArrayList<String>();
        for (JsonNode it : stop.isString() ? List.of(stop) : stop) {
            fields.require(it.isString(), "stop", "must be a string or up to 4 strings");
            // They stay in memory as long as the answer runs.
            fields.require(it.asString().length() <= LONGEST_STOP, "stop", "must be at most 1,000 characters each");
            stops.add(it.asString());
        }
        return stops;
    }

    private static Map<Integer, Double> logitBias(Fields fields) {
        JsonNode biases = fields.node("logit_bias");
        if (biases.isNull()) {
            return Map.of();
        }
        fields.require(biases.isObject(), "logit_bias", "must map token ids to numbers");
        fields.require(biases.size() <= MOST_BIASES, "logit_bias", "may have at most " + MOST_BIASES + " tokens");
        var result = new HashMap<Integer, Double>();
        for (var entry : biases.properties()) {
            String key = entry.getKey();
            fields.require(
                    key.matches("0|[1-9]\\d{0,8}"),
                    "logit_bias",
                    "must map token ids to numbers: \"" + shortened(key) + "\" is not a token id");
            JsonNode bias = entry.getValue();
            fields.require(
                    bias.isNumber() && Math.abs(bias.asDouble()) <= 100,
                    "logit_bias",
                    "must map token ids to numbers between -100 and 100: the value of \"" + key + "\" is not");
            result.put(Integer.valueOf(entry.getKey()), entry.getValue().asDouble());
        }
        return result;
    }

    private static String shortened(String key) {
        return key.codePointCount(0, key.length()) <= LONGEST_KEY
                ? key
                : key.substring(0, key.offsetByCodePoints(0, LONGEST_KEY)) + "…";
    }
}
