package io.github.describeanything.server.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.describeanything.model.api.TokenLogprob;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Log-probabilities of a choice's tokens. Immutable. @param refusal always null: this model never refuses */
public record LogprobsBody(
        List<Token> content,
        @JsonInclude(JsonInclude.Include.ALWAYS) Optional<List<Token>> refusal) {

    /** One token; {@code bytes} are its UTF-8 bytes as integers from 0 to 255. */
    public record Token(String token, double logprob, List<Integer> bytes, List<Alternative> topLogprobs) {}

    /** A token that could have been chosen instead. */
    public record Alternative(String token, double logprob, List<Integer> bytes) {}

    /** Present if requested, even if there are no tokens. */
    public static Optional<LogprobsBody> of(boolean wanted, List<TokenLogprob> tokens) {
        return wanted
                ? Optional.of(new LogprobsBody(
                        tokens.stream().map(LogprobsBody::token).toList(), Optional.empty()))
                : Optional.empty();
    }

    private static Token token(TokenLogprob it) {
        return new Token(
                it.text(),
                it.logprob(),
                bytes(it),
                it.top().stream()
                        .map(top -> new Alternative(top.text(), top.logprob(), bytes(top)))
                        .toList());
    }

    private static List<Integer> bytes(TokenLogprob token) {
        byte[] bytes = token.bytes();
        return IntStream.range(0, bytes.length).mapToObj(i -> bytes[i] & 0xFF).toList();
    }
}
