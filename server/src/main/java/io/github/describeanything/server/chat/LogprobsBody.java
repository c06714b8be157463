package io.github.describeanything.server.chat;

import java.util.List;

/** Log-probabilities of a choice's tokens. Immutable. */
record LogprobsBody(List<Token> content) {

    /** One token; {@code bytes} are its UTF-8 bytes, 0 to 255. */
    record Token(String token, double logprob, List<Integer> bytes, List<Alternative> topLogprobs) {}

    /** A token that could have come instead. */
    record Alternative(String token, double logprob, List<Integer> bytes) {}
}
