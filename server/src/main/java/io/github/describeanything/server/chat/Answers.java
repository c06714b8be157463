package io.github.describeanything.server.chat;

import io.github.describeanything.model.FinishReason;
import io.github.describeanything.model.TokenLogprob;
import io.github.describeanything.model.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** What the model says in the words of the wire. Stateless. */
final class Answers {
    private Answers() {}

    static String finishReason(FinishReason reason) {
        return reason.name().toLowerCase(Locale.ROOT);
    }

    /** Absent unless asked for; present, even if empty, once asked for. */
    static Optional<LogprobsBody> logprobs(boolean wanted, List<TokenLogprob> tokens) {
        if (!wanted) {
            return Optional.empty();
        }
        return Optional.of(LogprobsBody.of(tokens.stream()
                .map(it -> new LogprobsBody.Token(
                        it.text(),
                        it.logprob(),
                        bytes(it),
                        it.top().stream()
                                .map(top -> new LogprobsBody.Alternative(top.text(), top.logprob(), bytes(top)))
                                .toList()))
                .toList()));
    }

    /**
     * Of all choices in their order: each region's prompt counts, since the model reads each; one that was asked
     * {@code n} times counts once.
     */
    static UsageBody usage(List<Usage> usages, int n) {
        int prompt = 0;
        int cached = 0;
        for (int i = 0; i < usages.size(); i += n) {
            prompt += usages.get(i).promptTokens();
            cached += usages.get(i).cachedTokens();
        }
        int completion = usages.stream().mapToInt(Usage::completionTokens).sum();
        return UsageBody.of(prompt, cached, completion);
    }

    private static List<Integer> bytes(TokenLogprob token) {
        var bytes = new ArrayList<Integer>();
        IntStream.range(0, token.bytes().length).forEach(i -> bytes.add(token.bytes()[i] & 0xFF));
        return bytes;
    }
}
