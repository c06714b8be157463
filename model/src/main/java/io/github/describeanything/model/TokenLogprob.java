package io.github.describeanything.model;

import java.util.List;

/**
 * The log-probability of one generated token, before sampling filters were applied. Immutable.
 *
 * @param id the token
 * @param text what the token added to the text: the texts of all tokens joined are the answer, so that the first comes
 *     without its space, and a character that several tokens make up stands in the last of them
 * @param bytes the token's UTF-8 bytes, without what the text leaves out
 * @param logprob natural logarithm of its probability at temperature 1
 * @param top the most probable tokens at that step, most probable first; as many as were asked for
 */
public record TokenLogprob(int id, String text, byte[] bytes, double logprob, List<TokenLogprob> top) {
    public TokenLogprob {
        top = List.copyOf(top);
    }
}
