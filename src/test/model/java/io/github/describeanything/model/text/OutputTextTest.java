package io.github.describeanything.model.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OutputTextTest {

    @Test
    void surroundingSpaceIsNeverShown() {
        var output = new OutputText(List.of());
        assertThat(output.append(bytes(" "))).isEmpty();
        assertThat(output.append(bytes(" A"))).isEqualTo("A");
        assertThat(output.append(bytes(" red "))).isEqualTo(" red");
        assertThat(output.append(bytes("hat\n"))).isEqualTo(" hat");
        assertThat(output.finish()).isEmpty();
    }

    @Test
    void droppedLeadingSpaceIsCounted() {
        var output = new OutputText(List.of());
        output.append(bytes(" "));
        output.append(bytes("\u00a0\u3000"));
        assertThat(output.leadingSpace()).isEqualTo(3);
        assertThat(output.append(bytes(" A "))).isEqualTo("A");
        assertThat(output.append(bytes("b"))).isEqualTo(" b");
        assertThat(output.leadingSpace()).isEqualTo(4);
    }

    @Test
    void aStopStringIsNeverShownForAnySplit() {
        var random = new Random(7);
        String text = "the quick brown fox jumps over the END of the line";
        for (int round = 0; round < 300; round++) {
            var output = new OutputText(List.of("END of", "over there"));
            var shown = new StringBuilder();
            for (int from = 0; from < text.length() && !output.stopped(); ) {
                int to = Math.min(text.length(), from + 1 + random.nextInt(5));
                shown.append(output.append(bytes(text.substring(from, to))));
                from = to;
            }
            shown.append(output.finish());
            assertThat(output.stopped()).isTrue();
            assertThat(shown.toString()).isEqualTo("the quick brown fox jumps over the");
        }
    }

    @Test
    void aPrefixOfAStopStringIsShownAtTheEnd() {
        var output = new OutputText(List.of("abcd"));
        assertThat(output.append(bytes("xabc"))).isEqualTo("x");
        assertThat(output.finish()).isEqualTo("abc");
        assertThat(output.stopped()).isFalse();
    }

    @Test
    void theEarliestStopStringWins() {
        var output = new OutputText(List.of("later", "soon"));
        assertThat(output.append(bytes("now soon later"))).isEqualTo("now");
        assertThat(output.stopped()).isTrue();
        assertThat(output.append(bytes("more"))).isEmpty();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
