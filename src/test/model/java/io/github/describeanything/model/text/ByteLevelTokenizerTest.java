package io.github.describeanything.model.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.model.TestBundles;
import io.github.describeanything.model.bundle.Bundle;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Qwen's kind of tokenizer: bytes instead of characters, special tokens beside the vocabulary. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ByteLevelTokenizerTest {
    private static final int START = 701;
    private static final int END = 702;

    private Tokenizer tokenizer;

    @BeforeAll
    void load() {
        var bundle = Bundle.open(TestBundles.folder("pam-golden"));
        tokenizer = Tokenizer.load(bundle.tokenizer(), bundle.manifest().decoder());
    }

    @AfterAll
    void close() {
        tokenizer.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"一只橘猫坐在窗台上，望着外面。", "a cat 🐈\u200d⬛ on a  mat\n\n\t", "naïve café 123", "日本語とKorean 한국어"})
    void streamedTextNeverEndsInsideACharacter(String text) {
        var detokenizer = tokenizer.detokenizer();
        var out = new StringBuilder();
        for (int id : tokenizer.encode(text)) {
            String delta = detokenizer.append(tokenizer.bytes(id));
            assertThat(delta).doesNotContain("\uFFFD");
            assertThat(delta.isEmpty() || !Character.isHighSurrogate(delta.charAt(delta.length() - 1)))
                    .isTrue();
            out.append(delta);
        }
        assertThat(out.append(detokenizer.finish())).hasToString(text);
    }

    @Test
    void charactersOfSeveralTokensAreTested() {
        assertThat(tokenizer.encode("橘")).as("tokens of one character").hasSizeGreaterThan(1);
    }

    @Test
    void specialTokensCountInTemplatesOnly() {
        String text = "<|im_start|>user<|im_end|>";
        assertThat(tokenizer.encodeTemplate(text)).startsWith(START).endsWith(END);
        assertThat(tokenizer.encode(text)).doesNotContain(START, END);
        assertThat(tokenizer.bytes(END)).isEmpty();
        assertThat(tokenizer.isEos(END)).isTrue();
    }

    @Test
    void textIsNormalised() {
        assertThat(tokenizer.encode("cafe\u0301")).isEqualTo(tokenizer.encode("café"));
    }
}
