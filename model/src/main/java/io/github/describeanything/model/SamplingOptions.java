package io.github.describeanything.model;

import java.util.Map;
import java.util.OptionalLong;

/**
 * How the next token is chosen. Immutable. Filters apply in the order of the published server: penalties and biases,
 * temperature, top-k, top-p, min-p.
 *
 * @param temperature 0 chooses the most probable token
 * @param topP keep the smallest set of tokens that has at least this probability, in [0, 1]; 0 keeps only the most
 *     probable token
 * @param topK keep this many tokens; 0 keeps all
 * @param minP drop tokens less probable than this share of the most probable one, in [0, 1]
 * @param repetitionPenalty divides positive and multiplies negative logits of tokens generated so far; 1 does nothing
 * @param frequencyPenalty subtracted from a logit for each time the token was generated
 * @param presencePenalty subtracted from the logit of every token generated so far
 * @param logitBias added to the logits of these tokens, each between -100 and 100
 * @param seed the same seed gives the same text; empty draws one
 * @param topLogprobs how many alternatives to report with each token's log-probability; -1 reports none at all
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
        int topLogprobs) {

    /** Always the most probable token. */
    public static final SamplingOptions GREEDY =
            new SamplingOptions(0, 1, 0, 0, 1, 0, 0, Map.of(), OptionalLong.empty(), -1);

    public SamplingOptions {
        require(temperature >= 0 && temperature <= 2, "temperature must be between 0 and 2");
        require(topP >= 0 && topP <= 1, "top_p must be between 0 and 1");
        require(topK >= 0, "top_k must not be negative");
        require(minP >= 0 && minP <= 1, "min_p must be between 0 and 1");
        require(repetitionPenalty > 0 && repetitionPenalty <= 10, "repetition_penalty must be above 0 and at most 10");
        require(Math.abs(frequencyPenalty) <= 2, "frequency_penalty must be between -2 and 2");
        require(Math.abs(presencePenalty) <= 2, "presence_penalty must be between -2 and 2");
        require(topLogprobs >= -1 && topLogprobs <= 20, "top_logprobs must be between 0 and 20");
        logitBias = Map.copyOf(logitBias);
        require(
                logitBias.values().stream().allMatch(it -> Math.abs(it) <= 100),
                "logit_bias must be between -100 and 100");
    }

    /** Sampling at the given temperature, top-p and top-k, with a seed. */
    public static SamplingOptions of(double temperature, double topP, int topK, OptionalLong seed) {
        return new SamplingOptions(temperature, topP, topK, 0, 1, 0, 0, Map.of(), seed, -1);
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new RequestException(RequestException.Reason.BAD_VALUE, message);
        }
    }
}
