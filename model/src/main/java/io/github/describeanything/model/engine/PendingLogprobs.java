package io.github.describeanything.model.engine;

import io.github.describeanything.model.api.TokenLogprob;
import io.github.describeanything.model.text.OutputText;
import io.github.describeanything.model.text.Whitespace;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Log-probabilities of tokens whose text has not been emitted yet. Used by one thread.
 *
 * <p>A token is emitted once all of its text is. Its text is the visible part, so the texts of all tokens join to the
 * output: surrounding white space and stop strings are cut off, and a character made of several tokens belongs to the
 * last one.
 */
final class PendingLogprobs {
    private final List<Pending> pending = new ArrayList<>();

    /**
     * @param begin characters of the output before the token
     * @param text what the token added to them, visible or not
     */
    private record Pending(TokenLogprob logprob, long begin, String text) {
        long end() {
            return begin + text.length();
        }
    }

    /** Adds a token, right after its bytes were appended to the output. */
    void add(TokenLogprob logprob, OutputText output) {
        String text = output.lastDecoded();
        pending.add(new Pending(logprob, output.decoded() - text.length(), text));
    }

    /** Removes and returns the tokens whose text has been emitted. */
    List<TokenLogprob> take(OutputText output) {
        int count = 0;
        // Finishing the output may still complete a token that ends inside a character.
        int most = pending.size() - (output.midCharacter() ? 1 : 0);
        while (count < most && pending.get(count).end() <= output.passed()) {
            count++;
        }
        return take(count, output);
    }

    /** Removes and returns the tokens left after {@link OutputText#finish}, except those of a stop string. */
    List<TokenLogprob> finish(OutputText output) {
        if (!pending.isEmpty() && !output.stopped()) {
            Pending last = pending.removeLast();
            pending.add(new Pending(last.logprob, last.begin, last.text + output.lastDecoded()));
        }
        int count = 0;
        while (count < pending.size() && pending.get(count).begin < output.end()) {
            count++;
        }
        return take(count, output);
    }

    private List<TokenLogprob> take(int count, OutputText output) {
        List<Pending> taken = pending.subList(0, count);
        List<TokenLogprob> shown = taken.stream()
                .map(it -> shown(it, output.leadingSpace(), output.passed()))
                .toList();
        taken.clear();
        return shown;
    }

    /** The token with its visible text, characters {@code [first, end)} of the output. */
    private static TokenLogprob shown(Pending token, long first, long end) {
        TokenLogprob raw = token.logprob;
        int length = token.text.length();
        int from = (int) Math.clamp(first - token.begin, 0, length);
        int to = (int) Math.clamp(end - token.begin, from, length);
        TokenLogprob shown = cut(raw, token.text, from, to);
        List<TokenLogprob> top = raw.top().stream()
                .map(it -> it.id() == raw.id() ? shown : token.begin <= first ? withoutLeadingSpace(it) : it)
                .toList();
        return new TokenLogprob(raw.id(), shown.text(), shown.bytes(), raw.logprob(), top);
    }

    /** Alternatives to the first token lose their leading space, too. */
    private static TokenLogprob withoutLeadingSpace(TokenLogprob token) {
        String text = token.text();
        int space = 0;
        while (space < text.length() && Whitespace.is(text.charAt(space))) {
            space++;
        }
        return space == 0 ? token : cut(token, text, space, text.length());
    }

    private static TokenLogprob cut(TokenLogprob token, String text, int from, int to) {
        byte[] bytes = token.bytes();
        int first = Math.min(bytes.length, utf8(text.substring(0, from)));
        int end = Math.max(first, bytes.length - utf8(text.substring(to)));
        return new TokenLogprob(
                token.id(),
                text.substring(from, to),
                Arrays.copyOfRange(bytes, first, end),
                token.logprob(),
                List.of());
    }

    private static int utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
