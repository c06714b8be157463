package io.github.describeanything.model.api;

import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * How the next token is chosen. Immutable; made by {@link #builder()}. The order is that of the published server:
 * penalties and biases, temperature, top-k, top-p, min-p. {@link SamplingParameter} holds the ranges.
 *
 * @param temperature 0 chooses the most probable token
 * @param topP keeps the smallest set of tokens with at least this probability; 0 keeps the most probable token only
 * @param topK keeps this many of the most probable tokens; 0 keeps all
 * @param minP drops tokens less probable than this share of the most probable one
 * @param repetitionPenalty divides positive and multiplies negative logits of the tokens generated so far
 * @param frequencyPenalty subtracted from a token's logit once for each time it was generated
 * @param presencePenalty subtracted from the logit of every token generated so far
 * @param logitBias added to logits, by token id
 * @param seed the same seed gives the same text; empty draws one
 * @param topLogprobs alternatives to report with each token's log-probability; empty reports none at all
 */
public record SamplingOptions(
        double temperature,
        double topP,
        int topK,
        double minP,
        double repetitionPenalty,
        double frequencyPenalty,
        double presencePenalty,
        Map<Integer, Double> logitBias,
        OptionalLong seed,
        OptionalInt topLogprobs) {

    /** Always chooses the most probable token. */
    public static final SamplingOptions GREEDY = builder().build();

    /** @throws RequestException naming the first parameter that is out of range */
    public SamplingOptions {
        SamplingParameter.TEMPERATURE.require(temperature);
        SamplingParameter.TOP_P.require(topP);
        SamplingParameter.TOP_K.require(topK);
        SamplingParameter.MIN_P.require(minP);
        SamplingParameter.REPETITION_PENALTY.require(repetitionPenalty);
        SamplingParameter.FREQUENCY_PENALTY.require(frequencyPenalty);
        SamplingParameter.PRESENCE_PENALTY.require(presencePenalty);
        logitBias = Map.copyOf(logitBias);
        logitBias.values().forEach(SamplingParameter.LOGIT_BIAS::require);
        topLogprobs.ifPresent(SamplingParameter.TOP_LOGPROBS::require);
    }

    /** A builder that starts from {@link #GREEDY}. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects options; used by one thread. */
    public static final class Builder {
        private double temperature;
        private double topP = 1;
        private int topK;
        private double minP;
        private double repetitionPenalty = 1;
        private double frequencyPenalty;
        private double presencePenalty;
        private Map<Integer, Double> logitBias = Map.of();
        private OptionalLong seed = OptionalLong.empty();
        private OptionalInt topLogprobs = OptionalInt.empty();

        private Builder() {}

        public Builder temperature(double value) {
            temperature = value;
            return this;
        }

        public Builder topP(double value) {
            topP = value;
            return this;
        }

        public Builder topK(int value) {
            topK = value;
            return this;
        }

        public Builder minP(double value) {
            minP = value;
            return this;
        }

        public Builder repetitionPenalty(double value) {
            repetitionPenalty = value;
            return this;
        }

        public Builder frequencyPenalty(double value) {
            frequencyPenalty = value;
            return this;
        }

        public Builder presencePenalty(double value) {
            presencePenalty = value;
            return this;
        }

        /** Values to add to logits, by token id. */
        public Builder logitBias(Map<Integer, Double> value) {
            logitBias = value;
            return this;
        }

        public Builder seed(long value) {
            seed = OptionalLong.of(value);
            return this;
        }

        /** Reports log-probabilities with this many alternatives each; 0 reports only the chosen token's. */
        public Builder topLogprobs(int value) {
            topLogprobs = OptionalInt.of(value);
            return this;
        }

        /** @throws RequestException naming the first parameter that is out of range */
        public SamplingOptions build() {
            return new SamplingOptions(
                    temperature,
                    topP,
                    topK,
                    minP,
                    repetitionPenalty,
                    frequencyPenalty,
                    presencePenalty,
                    logitBias,
                    seed,
                    topLogprobs);
        }
    }
}
