package io.github.describeanything.model.decode;

import io.github.describeanything.model.api.SamplingOptions;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Chooses the next token of one sequence. Used by one thread. It counts its tokens for the penalties and has a random
 * generator of its own, so a seed gives the same tokens whatever else is in the batch.
 */
public final class Sampler {
    private final SamplingOptions options;
    private final RandomGenerator random;
    private final Map<Integer, Integer> counts = new HashMap<>();
    private final boolean adjusts;

    public Sampler(SamplingOptions options) {
        this.options = options;
        this.random =
                options.seed().isPresent() ? new SplittableRandom(options.seed().getAsLong()) : new SplittableRandom();
        this.adjusts = options.repetitionPenalty() != 1
                || options.frequencyPenalty() != 0
                || options.presencePenalty() != 0
                || !options.logitBias().isEmpty();
    }

    /** Chooses a token. @param logits [vocab_size]; changed by penalties and biases */
    public int sample(float[] logits) {
        if (adjusts) {
            adjust(logits);
        }
        int token = options.temperature() == 0 ? argmax(logits) : draw(logits);
        if (adjusts) {
            counts.merge(token, 1, Integer::sum);
        }
        return token;
    }

    /** Index of the largest logit; the first of equals. */
    static int argmax(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        return best;
    }

    private void adjust(float[] logits) {
        counts.forEach((token, count) -> {
            double logit = logits[token];
            logit = logit > 0 ? logit / options.repetitionPenalty() : logit * options.repetitionPenalty();
            logit -= options.frequencyPenalty() * count + options.presencePenalty();
            logits[token] = (float) logit;
        });
        options.logitBias().forEach((token, bias) -> {
            if (token >= 0 && token < logits.length) {
                logits[token] += bias.floatValue();
            }
        });
    }

    private int draw(float[] logits) {
        Candidates candidates = Candidates.of(logits, options.temperature(), options.topK());
        candidates.keepTopP(options.topP());
        candidates.keepMinP(options.minP());
        return candidates.pick(random.nextDouble());
    }
}
