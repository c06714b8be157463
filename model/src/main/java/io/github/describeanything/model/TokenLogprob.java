package io.github.describeanything.model;

import java.util.List;

/**
 * The log-probability of one generated token, before sampling filters were applied. Immutable.
 *
 * @param id the token
 * @param text the token's own text, which may be part of a character
 * @param bytes the token's own UTF-8 bytes
 * @param logprob natural logarithm of its probability at temperature 1
 * @param top the most probable tokens at that step, most probable first; as many as were asked for
 */
public record TokenLogprob(int id, String text, byte[] bytes, double logprob, List<TokenLogprob> top) {
    public TokenLogprob {
        top = List.copyOf(top);
    }
}
