package io.github.describeanything.server.openai;

import io.github.describeanything.model.api.SamplingOptions;
import io.github.describeanything.model.api.SamplingParameter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** Reads the sampling fields, which have the same names in every wire form. Stateless. */
public final class SamplingFields {
    private static final int MAX_STOPS = 4;
    private static final int MAX_STOP_LENGTH = 1000;
    private static final int MAX_BIASES = 1024;
    private static final int MAX_KEY_LENGTH = 50;

    private SamplingFields() {}

    /** Overrides of the model's defaults. @param topLogprobs empty without log-probabilities */
    public static Consumer<SamplingOptions.Builder> read(Fields fields, OptionalInt topLogprobs) {
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

    /** Servers use either 0 or -1 for all tokens. */
    private static OptionalInt topK(Fields fields) {
        OptionalInt topK = fields.integer("top_k", -1, Integer.MAX_VALUE);
        return topK.orElse(0) == -1 ? OptionalInt.of(0) : topK;
    }

    /** Maximum tokens of an answer. Other servers use -1 for no limit; then the context is the limit. */
    public static OptionalInt limit(Fields fields, String name) {
        if (fields.node(name).isNumber() && fields.node(name).asDouble() == -1) {
            return OptionalInt.of(Integer.MAX_VALUE);
        }
        return fields.integer(name, 1, Integer.MAX_VALUE);
    }

    /** The stop strings. */
    public static List<String> stop(Fields fields) {
        JsonNode stop = fields.node("stop");
        if (stop.isNull()) {
            return List.of();
        }
        boolean several = stop.isArray() && stop.size() <= MAX_STOPS;
        fields.require(stop.isString() || several, "stop", "must be a string or up to 4 strings");
        var stops = new ArrayList<String>();
        for (JsonNode it : stop.isString() ? List.of(stop) : stop) {
            fields.require(it.isString(), "stop", "must be a string or up to 4 strings");
            // They stay in memory as long as the answer runs.
            fields.require(it.asString().length() <= MAX_STOP_LENGTH, "stop", "must be at most 1,000 characters each");
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
        fields.require(biases.size() <= MAX_BIASES, "logit_bias", "may have at most " + MAX_BIASES + " tokens");
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
        return key.codePointCount(0, key.length()) <= MAX_KEY_LENGTH
                ? key
                : key.substring(0, key.offsetByCodePoints(0, MAX_KEY_LENGTH)) + "…";
    }
}
