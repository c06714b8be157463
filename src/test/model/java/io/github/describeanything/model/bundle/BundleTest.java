package io.github.describeanything.model.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.model.TestBundles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged bundles are refused before they are used, naming the file. */
class BundleTest {
    @TempDir
    Path folder;

    @BeforeEach
    void copy() throws IOException {
        try (var files = Files.list(TestBundles.folder("other-odd-fp32"))) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
    }

    @Test
    void opensAnIntactBundle() {
        assertThat(Bundle.open(folder).manifest().name()).isEqualTo("other-odd");
    }

    @Test
    void refusesATruncatedFile() throws IOException {
        Path file = folder.resolve("vision.onnx.data");
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - 1));
        refused("vision.onnx.data", "SHA-256", "bytes");
    }

    @Test
    void refusesAFlippedBit() throws IOException {
        Path file = folder.resolve("decoder.onnx.data");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        refused("decoder.onnx.data", "SHA-256");
    }

    @Test
    void refusesAMissingFile() throws IOException {
        Files.delete(folder.resolve("tokenizer.json"));
        refused("tokenizer.json", "SHA-256", "missing");
    }

    @Test
    void refusesALinkInPlaceOfAFile() throws IOException {
        Path file = folder.resolve("tokenizer.json");
        Path elsewhere = folder.resolve("elsewhere.json");
        Files.move(file, elsewhere);
        Files.createSymbolicLink(file, elsewhere);
        refused("tokenizer.json", "SHA-256", "is a link", "cp -L");
    }

    @Test
    void refusesAPathOutsideTheBundle() throws IOException {
        Path manifest = folder.resolve("manifest.json");
        Files.writeString(manifest, Files.readString(manifest).replace("\"golden.png\"", "\"../golden.png\""));
        refused("../golden.png", "SHA-256", "outside");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../../etc/host", "/etc/hostname-abc", "decoder.onnx.datb"})
    void refusesExternalWeightsInUncheckedFiles(String elsewhere) throws Exception {
        Path graph = folder.resolve("decoder.onnx");
        String before = Files.readString(graph, StandardCharsets.ISO_8859_1);
        String after = before.replace("decoder.onnx.data", elsewhere);
        assertThat(after).isNotEqualTo(before).hasSameSizeAs(before);
        Files.writeString(graph, after, StandardCharsets.ISO_8859_1);
        Path manifest = folder.resolve("manifest.json");
        Files.writeString(manifest, Files.readString(manifest).replace(sha256(before), sha256(after)));
        refused("decoder.onnx", sha256(after), elsewhere);
    }

    private static String sha256(String latin1) throws Exception {
        byte[] bytes = latin1.getBytes(StandardCharsets.ISO_8859_1);
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    @ParameterizedTest
    @CsvSource({"1, export the checkpoint again", "9, update this program"})
    void refusesOtherFormatVersions(int version, String advice) throws IOException {
        replaceInManifest("\"format_version\": 2", "\"format_version\": " + version);
        refused("manifest.json", "version " + version, advice);
    }

    /** Version 1 had no family and no graphs; the message must be about the version only. */
    @Test
    void refusesVersion1() throws IOException {
        Files.writeString(folder.resolve("manifest.json"), """
                {"format": "describe-anything-bundle", "format_version": 1, "name": "DAM-3B", "kind": "image"}
                """);
        assertThatThrownBy(() -> Bundle.open(folder))
                .isInstanceOf(BundleException.class)
                .hasMessage("manifest.json has format describe-anything-bundle version 1; this program reads"
                        + " describe-anything-bundle version 2: export the checkpoint again with scripts/export");
    }

    @Test
    void theManifestNamesItsFamilyGraphsAndTokenizer() {
        Manifest manifest = Bundle.open(folder).manifest();
        assertThat(manifest.family()).isEqualTo("dam");
        assertThat(manifest.graphs())
                .containsEntry("vision", new Manifest.GraphEntry("vision.onnx"))
                .containsEntry("decoder", new Manifest.GraphEntry("decoder.onnx"));
        assertThat(manifest.tokenizer()).isEqualTo(new Manifest.TokenizerEntry("sentencepiece", "tokenizer.json"));
    }

    @Test
    void refusesAGraphWhoseFileIsNotListed() throws IOException {
        replaceInManifest("\"file\": \"vision.onnx\"", "\"file\": \"other.onnx\"");
        refused("manifest.json", "does not list other.onnx");
    }

    private void replaceInManifest(String before, String after) throws IOException {
        Path manifest = folder.resolve("manifest.json");
        String text = Files.readString(manifest);
        assertThat(text).contains(before);
        Files.writeString(manifest, text.replace(before, after));
    }

    @Test
    void refusesOtherKindsOfTokenizers() throws IOException {
        replaceInManifest("\"kind\": \"sentencepiece\"", "\"kind\": \"unigram\"");
        Bundle bundle = Bundle.open(folder);
        assertThatThrownBy(bundle::tokenizer)
                .isInstanceOf(BundleException.class)
                .hasMessage("manifest.json has a tokenizer of kind unigram; this program reads sentencepiece and bpe");
    }

    @Test
    void refusesAGraphThatTheManifestDoesNotName() {
        assertThatThrownBy(() -> Bundle.open(folder).graph("segment"))
                .isInstanceOf(BundleException.class)
                .hasMessage(
                        "manifest.json has no graph \"segment\", which the family dam needs: export the checkpoint again");
    }

    @Test
    void refusesAFolderWithoutAManifest() throws IOException {
        Files.delete(folder.resolve("manifest.json"));
        refused("manifest.json", "not a bundle");
    }

    private void refused(String... words) {
        assertThatThrownBy(() -> Bundle.open(folder))
                .isInstanceOf(BundleException.class)
                .hasMessageContainingAll(words);
    }
}
