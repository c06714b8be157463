package io.github.describeanything.model.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.model.api.TokenLogprob;
import io.github.describeanything.model.text.OutputText;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The texts of tokens join to the answer, wherever characters and the end of the text fall into tokens. */
class PendingLogprobsTest {
    private static final String TEXT = "  Ein Café, 東京 — naïve \uD83D\uDE00\uD83D\uDE00 END of  it \n ";

    @Test
    void tokensJoinToTheAnswerForAnySplit() {
        var random = new Random(11);
        for (int round = 0; round < 2_000; round++) {
            List<String> stops = round % 3 == 0 ? List.of("END of", "zzz") : List.of("zzz");
            var shown = new Shown(stops, pieces(random, 4));
            assertThat(shown.tokens()).isEqualTo(shown.text.toString());
            assertThat(shown.joinedBytes()).isEqualTo(shown.text.toString());
            assertThat(shown.text.toString()).startsWith("Ein Café").doesNotContain("END of  it \n");
        }
    }

    @Test
    void aTokenIsEmittedWithTheEndOfItsText() {
        var shown = new Shown(List.of("of it"), List.of(bytes(" A hat"), bytes(" of"), bytes(" wool")));
        assertThat(shown.deltas).containsExactly("A hat[A hat]", " of wool[ of,  wool]");
    }

    @Test
    void aTokenIsCutAtAStopString() {
        var shown = new Shown(List.of("END"), List.of(bytes(" hat"), bytes(" of EN"), bytes("D"), bytes("less")));
        assertThat(shown.tokens()).isEqualTo("hat of");
        assertThat(shown.deltas).containsExactly("hat[hat]", " of[]", "[ of]");
    }

    @Test
    void tokensOfWhiteSpaceAndPartialCharactersAreKept() {
        byte[] face = bytes("\uD83D\uDE00");
        var shown = new Shown(
                List.of(),
                List.of(
                        bytes(" "),
                        bytes(" x"),
                        Arrays.copyOf(face, 1),
                        Arrays.copyOfRange(face, 1, 4),
                        bytes("\n"),
                        Arrays.copyOf(face, 2)));
        assertThat(shown.tokens.stream().map(TokenLogprob::text))
                .containsExactly("", "x", "", "\uD83D\uDE00", "\n", "\uFFFD\uFFFD");
        assertThat(shown.tokens()).isEqualTo(shown.text.toString());
    }

    @Test
    void alternativesOfTheFirstTokenLoseTheirLeadingSpace() {
        var shown = new Shown(List.of(), List.of(bytes(" A"), bytes(" hat")));
        assertThat(shown.tokens.get(0).top().stream().map(TokenLogprob::text)).containsExactly("A", "other");
        assertThat(shown.tokens.get(1).top().stream().map(TokenLogprob::text)).containsExactly(" hat", " other");
        assertThat(new String(shown.tokens.get(0).top().get(1).bytes(), StandardCharsets.UTF_8))
                .isEqualTo("other");
    }

    private static List<byte[]> pieces(Random random, int longest) {
        byte[] text = bytes(TEXT);
        var pieces = new ArrayList<byte[]>();
        for (int from = 0; from < text.length; ) {
            int to = Math.min(text.length, from + 1 + random.nextInt(longest));
            pieces.add(Arrays.copyOfRange(text, from, to));
            from = to;
        }
        return pieces;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The deltas of an answer, as a reader gets them. */
    private static final class Shown {
        final StringBuilder text = new StringBuilder();
        final List<TokenLogprob> tokens = new ArrayList<>();
        final List<String> deltas = new ArrayList<>();

        Shown(List<String> stops, List<byte[]> pieces) {
            var answer = new OutputText(stops);
            var pending = new PendingLogprobs();
            for (int i = 0; i < pieces.size() && !answer.stopped(); i++) {
                String piece = answer.append(pieces.get(i));
                pending.add(logprob(i, pieces.get(i)), answer);
                if (!piece.isEmpty()) {
                    add(piece, pending.take(answer));
                }
            }
            String rest = answer.finish();
            List<TokenLogprob> left = pending.finish(answer);
            if (!rest.isEmpty() || !left.isEmpty()) {
                add(rest, left);
            }
        }

        private void add(String delta, List<TokenLogprob> with) {
            text.append(delta);
            tokens.addAll(with);
            deltas.add(delta + with.stream().map(TokenLogprob::text).toList());
        }

        private static TokenLogprob logprob(int id, byte[] bytes) {
            var plain = new TokenLogprob(id, new String(bytes, StandardCharsets.UTF_8), bytes, -1, List.of());
            var other = new TokenLogprob(-1, " other", bytes(" other"), -2, List.of());
            return new TokenLogprob(id, plain.text(), bytes, -1, List.of(plain, other));
        }

        String tokens() {
            var all = new StringBuilder();
            tokens.forEach(it -> all.append(it.text()));
            return all.toString();
        }

        String joinedBytes() {
            var all = new ByteArrayOutputStream();
            tokens.forEach(it -> all.writeBytes(it.bytes()));
            return all.toString(StandardCharsets.UTF_8);
        }
    }
}
