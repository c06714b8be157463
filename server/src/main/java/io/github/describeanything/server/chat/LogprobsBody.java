package io.github.describeanything.server.chat;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Optional;

/** Log-probabilities of a choice's tokens. Immutable. @param refusal empty, and null on the wire: nothing is refused */
record LogprobsBody(
        List<Token> content,
        @JsonInclude(JsonInclude.Include.ALWAYS) Optional<List<Token>> refusal) {

    static LogprobsBody of(List<Token> content) {
        return new LogprobsBody(content, Optional.empty());
    }

    /** One token; {@code bytes} are its UTF-8 bytes, 0 to 255. */
    record Token(String token, double logprob, List<Integer> bytes, List<Alternative> topLogprobs) {}

    /** A token that could have come instead. */
    record Alternative(String token, double logprob, List<Integer> bytes) {}
}
