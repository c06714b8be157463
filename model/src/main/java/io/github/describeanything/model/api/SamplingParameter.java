package io.github.describeanything.model.api;

import java.util.OptionalDouble;

/**
 * The table of sampling parameters: wire name, type, range and default. Validation, the request reader and the OpenAPI
 * document use it. Immutable.
 */
public enum SamplingParameter {
    /** 0 chooses the most probable token. */
    TEMPERATURE("temperature", Type.NUMBER, 0, 2, 0),
    /** Keeps the smallest set of tokens with at least this probability; 0 keeps the most probable token only. */
    TOP_P("top_p", Type.NUMBER, 0, 1, 1),
    /** Keeps this many of the most probable tokens; 0 keeps all. */
    TOP_K("top_k", Type.INTEGER, 0, Integer.MAX_VALUE, 0),
    /** Drops tokens less probable than this share of the most probable one. */
    MIN_P("min_p", Type.NUMBER, 0, 1, 0),
    /** Divides positive and multiplies negative logits of the tokens generated so far; 1 changes nothing. */
    REPETITION_PENALTY("repetition_penalty", Type.POSITIVE_NUMBER, 0, 10, 1),
    /** Subtracted from a token's logit once for each time it was generated. */
    FREQUENCY_PENALTY("frequency_penalty", Type.NUMBER, -2, 2, 0),
    /** Subtracted from the logit of every token generated so far. */
    PRESENCE_PENALTY("presence_penalty", Type.NUMBER, -2, 2, 0),
    /** Added to the logit of one token; a request maps token ids to values in this range. */
    LOGIT_BIAS("logit_bias", Type.NUMBER, -100, 100, 0),
    /** The same seed gives the same text. Any 64-bit value is allowed; without one, a random seed is used. */
    SEED("seed", Type.INTEGER, Long.MIN_VALUE, Long.MAX_VALUE, Double.NaN),
    /** Maximum tokens to generate. */
    MAX_TOKENS("max_tokens", Type.INTEGER, 1, Integer.MAX_VALUE, 512),
    /** How many alternatives to report with each token's log-probability. */
    TOP_LOGPROBS("top_logprobs", Type.INTEGER, 0, 20, 0);

    /** The type of a parameter's values. */
    public enum Type {
        INTEGER,
        NUMBER,
        /** A number strictly above {@link #min()}. */
        POSITIVE_NUMBER
    }

    private final String wireName;
    private final Type type;
    private final double min;
    private final double max;
    private final double defaultValue;

    SamplingParameter(String wireName, Type type, double min, double max, double defaultValue) {
        this.wireName = wireName;
        this.type = type;
        this.min = min;
        this.max = max;
        this.defaultValue = defaultValue;
    }

    /** The field's name in the HTTP API. */
    public String wireName() {
        return wireName;
    }

    public Type type() {
        return type;
    }

    /** The lower bound, inclusive unless {@link #exclusiveMin()}. */
    public double min() {
        return min;
    }

    /** Whether the lower bound is exclusive. */
    public boolean exclusiveMin() {
        return type == Type.POSITIVE_NUMBER;
    }

    /** The upper bound, inclusive. */
    public double max() {
        return max;
    }

    /** The value in {@link SamplingOptions#GREEDY} and {@link DescriptionRequest#DEFAULT}; empty if there is none. */
    public OptionalDouble defaultValue() {
        return Double.isNaN(defaultValue) ? OptionalDouble.empty() : OptionalDouble.of(defaultValue);
    }

    /** Whether a value is in range; NaN never is. */
    public boolean allows(double value) {
        return (exclusiveMin() ? value > min : value >= min) && value <= max;
    }

    /** The range as a message that follows the parameter's name: "must be between 0 and 2". */
    public String rule() {
        if (this == SEED) {
            return "must be a 64-bit integer";
        }
        if (exclusiveMin()) {
            return "must be above %s and at most %s".formatted(text(min), text(max));
        }
        return max >= Integer.MAX_VALUE
                ? "must be at least " + text(min)
                : "must be between %s and %s".formatted(text(min), text(max));
    }

    /** @throws RequestException naming this parameter if the value is out of range */
    public void require(double value) {
        if (!allows(value)) {
            throw RequestException.invalidValue(wireName, rule());
        }
    }

    private static String text(double bound) {
        return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
    }
}
