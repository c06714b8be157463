package io.github.describeanything.model.api;

import java.util.List;

/**
 * The log-probability of one generated token, before any sampling filter. Immutable; do not change {@code bytes}.
 *
 * @param id the token
 * @param text the token's text, which may be part of a character; without leading white space that the answer drops
 * @param bytes the UTF-8 bytes of {@code text}
 * @param logprob natural logarithm of its probability at temperature 1
 * @param top the most probable tokens at this step, most probable first; as many as the request asked for
 */
public record TokenLogprob(int id, String text, byte[] bytes, double logprob, List<TokenLogprob> top) {
    public TokenLogprob {
        top = List.copyOf(top);
    }
}
