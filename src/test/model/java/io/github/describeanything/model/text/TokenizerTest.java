package io.github.describeanything.model.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.model.TestBundles;
import io.github.describeanything.model.bundle.Bundle;
import io.github.describeanything.model.bundle.Manifest;
import java.nio.file.Path;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TokenizerTest {
    private Manifest.DecoderShape decoder;
    private Tokenizer tokenizer;

    @BeforeAll
    void load() {
        var bundle = Bundle.open(TestBundles.folder("golden-joint-fp32"));
        decoder = bundle.manifest().decoder();
        tokenizer = Tokenizer.load(bundle.tokenizer(), decoder);
    }

    @AfterAll
    void close() {
        tokenizer.close();
    }

    @Test
    void idsMatchSentencePieceForAwkwardTexts() {
        JsonNode corpus =
                JsonMapper.shared().readTree(TokenizerTest.class.getResourceAsStream("/tokenizer/golden-corpus.json"));
        assertThat(corpus.size()).isGreaterThan(300);
        assertIds(tokenizer, corpus);
    }

    /** Sixteen pieces of spaces share a score; SentencePiece merges the leftmost first. */
    @ParameterizedTest
    @ValueSource(strings = {"llama-like", "ambiguous"})
    void idsMatchSentencePieceForPiecesOfEqualScore(String name) {
        Path cases = TestBundles.root().resolve("src/test/resources/golden/tokenizer-" + name + "/cases.json");
        Path exported = TestBundles.folder("golden-joint-fp32")
                .resolveSibling("tokenizers")
                .resolve(name + ".json");
        JsonNode corpus = JsonMapper.shared().readTree(cases.toFile());
        assertThat(corpus.size()).isEqualTo(478);
        try (var tied = Tokenizer.load(exported, decoder)) {
            assertIds(tied, corpus);
        }
    }

    private static void assertIds(Tokenizer tokenizer, JsonNode corpus) {
        for (JsonNode entry : corpus) {
            String text = entry.path("text").asString();
            int[] expected = StreamSupport.stream(entry.path("ids").spliterator(), false)
                    .mapToInt(JsonNode::asInt)
                    .toArray();
            assertThat(tokenizer.encode(text)).as(text).isEqualTo(expected);
        }
    }

    @Test
    void tokensDecodeToTheirText() {
        for (String text : new String[] {"Describe it.", "naïve 世界 🙂 12", "a  b\n\nc\t\u0000d"}) {
            var detokenizer = new StreamingDetokenizer();
            var out = new StringBuilder();
            for (int id : tokenizer.encode(text)) {
                out.append(detokenizer.append(tokenizer.bytes(id)));
            }
            out.append(detokenizer.finish());
            assertThat(out.toString()).as("with the dummy space").isEqualTo(" " + text);
        }
    }

    @Test
    void emptyPiecesHaveNoIdsAndSpecialTokensAreText() {
        assertThat(tokenizer.encode("")).isEmpty();
        for (String name : new String[] {"</s>", "<s>", "<unk>"}) {
            assertThat(tokenizer.encode(name)).as(name).doesNotContain(0, 1, 2);
        }
    }
}
