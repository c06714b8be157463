package io.github.describeanything.model.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AnswerTest {

    @Test
    void surroundingSpaceIsNeverShown() {
        var answer = new Answer(List.of());
        assertThat(answer.append(bytes(" "))).isEmpty();
        assertThat(answer.append(bytes(" A"))).isEqualTo("A");
        assertThat(answer.append(bytes(" red "))).isEqualTo(" red");
        assertThat(answer.append(bytes("hat\n"))).isEqualTo(" hat");
        assertThat(answer.finish()).isEmpty();
    }

    @Test
    void aStopStringIsNeverShownHoweverItFallsIntoTokens() {
        var random = new Random(7);
        String text = "the quick brown fox jumps over the END of the line";
        for (int round = 0; round < 300; round++) {
            var answer = new Answer(List.of("END of", "over there"));
            var shown = new StringBuilder();
            for (int from = 0; from < text.length() && !answer.stopped(); ) {
                int to = Math.min(text.length(), from + 1 + random.nextInt(5));
                shown.append(answer.append(bytes(text.substring(from, to))));
                from = to;
            }
            shown.append(answer.finish());
            assertThat(answer.stopped()).isTrue();
            assertThat(shown.toString()).isEqualTo("the quick brown fox jumps over the");
        }
    }

    @Test
    void whatOnlyBeganLikeAStopStringIsShownInTheEnd() {
        var answer = new Answer(List.of("abcd"));
        assertThat(answer.append(bytes("xabc"))).isEqualTo("x");
        assertThat(answer.finish()).isEqualTo("abc");
        assertThat(answer.stopped()).isFalse();
    }

    @Test
    void theEarliestOfSeveralStopStringsCounts() {
        var answer = new Answer(List.of("later", "soon"));
        assertThat(answer.append(bytes("now soon later"))).isEqualTo("now");
        assertThat(answer.stopped()).isTrue();
        assertThat(answer.append(bytes("more"))).isEmpty();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
