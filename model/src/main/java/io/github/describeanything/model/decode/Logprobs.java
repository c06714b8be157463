package io.github.describeanything.model.decode;

import io.github.describeanything.model.api.TokenLogprob;
import io.github.describeanything.model.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Computes log-probabilities of tokens from logits before any sampling filter. Thread-safe. */
public final class Logprobs {
    private final Tokenizer tokenizer;

    public Logprobs(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /**
     * The log-probability of the chosen token, and of the {@code top} most probable ones. @param logits [vocab_size]
     */
    public TokenLogprob of(float[] logits, int chosen, int top) {
        double best = logits[Sampler.argmax(logits)];
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - best);
        }
        double logSum = best + Math.log(sum);
        List<TokenLogprob> alternatives = new ArrayList<>();
        if (top > 0) {
            for (int token : Candidates.of(logits, 1, top).tokens()) {
                alternatives.add(entry(token, logits[token] - logSum, List.of()));
            }
        }
        return entry(chosen, logits[chosen] - logSum, alternatives);
    }

    private TokenLogprob entry(int token, double logprob, List<TokenLogprob> top) {
        byte[] bytes = tokenizer.bytes(token);
        return new TokenLogprob(token, new String(bytes, StandardCharsets.UTF_8), bytes, logprob, top);
    }
}
