package io.github.describeanything.model.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StreamingDetokenizerTest {

    @Test
    void charactersComeWhole() {
        byte[] cat = "🐈".getBytes(StandardCharsets.UTF_8);
        var detokenizer = new StreamingDetokenizer();

        assertThat(detokenizer.append(new byte[] {cat[0]})).isEmpty();
        assertThat(detokenizer.append(new byte[] {cat[1], cat[2]})).isEmpty();
        assertThat(detokenizer.append(new byte[] {cat[3], 'a'})).isEqualTo("🐈a");
        assertThat(detokenizer.finish()).isEmpty();
    }

    @Test
    void everyInvalidByteIsReplacedSeparately() {
        assertThat(decode(new byte[] {(byte) 0xF0, (byte) 0x9F, 'a'})).isEqualTo("\uFFFD\uFFFDa");
        assertThat(decode(new byte[] {(byte) 0xC0, (byte) 0x80})).as("overlong").isEqualTo("\uFFFD\uFFFD");
        assertThat(decode(new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80}))
                .as("surrogate")
                .isEqualTo("\uFFFD\uFFFD\uFFFD");
        assertThat(decode(new byte[] {(byte) 0xF4, (byte) 0x90, (byte) 0x80, (byte) 0x80}))
                .as("above U+10FFFF")
                .isEqualTo("\uFFFD\uFFFD\uFFFD\uFFFD");
        assertThat(decode(new byte[] {(byte) 0xE4, (byte) 0xB8}))
                .as("incomplete at the end")
                .isEqualTo("\uFFFD\uFFFD");
    }

    @Test
    void ofByteLevelVocabulariesTheBeginningOfACharacterIsReplacedOnce() {
        assertThat(joined(new byte[] {(byte) 0xF0, (byte) 0x9F, 'a'})).isEqualTo("\uFFFDa");
        assertThat(joined(new byte[] {(byte) 0xE4, (byte) 0xB8})).isEqualTo("\uFFFD");
        assertThat(joined(new byte[] {(byte) 0xE4, (byte) 0xE4, (byte) 0xB8, (byte) 0x96}))
                .isEqualTo("\uFFFD世");
        assertThat(joined(new byte[] {(byte) 0xC0, (byte) 0x80})).as("overlong").isEqualTo("\uFFFD\uFFFD");
    }

    private static String joined(byte[] bytes) {
        var detokenizer = new StreamingDetokenizer(true);
        return detokenizer.append(bytes) + detokenizer.finish();
    }

    @Test
    void validTextSurvivesAnySplit() {
        byte[] text = "Grüße, 世界! 👩‍🚀 e\u0301 \u0000 end".getBytes(StandardCharsets.UTF_8);
        var random = new Random(1);
        for (int round = 0; round < 200; round++) {
            var detokenizer = new StreamingDetokenizer();
            var out = new StringBuilder();
            for (int from = 0; from < text.length; ) {
                int to = Math.min(text.length, from + 1 + random.nextInt(4));
                out.append(detokenizer.append(java.util.Arrays.copyOfRange(text, from, to)));
                from = to;
            }
            out.append(detokenizer.finish());
            assertThat(out.toString()).isEqualTo(new String(text, StandardCharsets.UTF_8));
        }
    }

    private static String decode(byte[] bytes) {
        var detokenizer = new StreamingDetokenizer();
        return detokenizer.append(bytes) + detokenizer.finish();
    }
}
