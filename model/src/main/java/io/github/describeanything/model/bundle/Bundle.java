package io.github.describeanything.model.bundle;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** A folder written by the exporter, with every file checked against the manifest. Immutable. */
public record Bundle(Path folder, Manifest manifest) {

    public static final String MANIFEST = BundleFiles.MANIFEST;
    private static final String EMBEDDINGS = "embed_tokens.bin";
    private static final List<String> TOKENIZERS = List.of("sentencepiece", "bpe");

    /**
     * Reads the manifest and checks every file that it lists.
     *
     * @throws BundleException naming the first file that is missing, misplaced, truncated or altered
     */
    public static Bundle open(Path folder) {
        JsonNode json = BundleFiles.manifest(folder);
        if (json.path("family").asString("").equals(SegmenterBundle.FAMILY)) {
            throw new BundleException("This bundle is of family " + SegmenterBundle.FAMILY
                    + ", which answers with masks, not with text: name it with --segmenter");
        }
        Manifest manifest = BundleFiles.read(json, Manifest.class);
        var bundle = new Bundle(folder, manifest);
        new BundleFiles(folder, manifest.files()).check(bundle.needed());
        return bundle;
    }

    private Stream<String> needed() {
        return Stream.concat(
                manifest.graphs().values().stream().map(Manifest.GraphEntry::file),
                Stream.of(manifest.tokenizer().file(), EMBEDDINGS));
    }

    /** The graph with this role in the family. @throws BundleException if the manifest names none */
    public Path graph(String role) {
        return BundleFiles.graph(folder, manifest.graphs(), role, manifest.family());
    }

    /** {@code tokenizer.json}. @throws BundleException if this program cannot read its kind */
    public Path tokenizer() {
        if (!TOKENIZERS.contains(manifest.tokenizer().kind())) {
            throw new BundleException("%s has a tokenizer of kind %s; this program reads %s"
                    .formatted(
                            MANIFEST,
                            BundleFiles.printable(manifest.tokenizer().kind()),
                            String.join(" and ", TOKENIZERS)));
        }
        return folder.resolve(manifest.tokenizer().file());
    }

    /** The table of token embeddings. */
    public Path embeddings() {
        return folder.resolve(EMBEDDINGS);
    }
}
