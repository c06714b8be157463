package io.github.describeanything.model.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.github.describeanything.model.bundle.BundleException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Text into token ids, as the checkpoint's SentencePiece model does it. Thread-safe.
 *
 * <p>The bundle's tokenizer has no special tokens, so no text ever becomes one.
 */
public final class Tokenizer implements AutoCloseable {
    private static final String CACHE = "DJL_CACHE_DIR";
    private static final Optional<Path> UNPACKED;

    static {
        if (!isSet("ai.djl.offline")) {
            System.setProperty("ai.djl.offline", "true");
        }
        UNPACKED = isSet(CACHE) ? Optional.empty() : Optional.of(temporaryFolder());
        UNPACKED.ifPresent(it -> System.setProperty(CACHE, it.toString()));
    }

    private final HuggingFaceTokenizer tokenizer;

    private Tokenizer(HuggingFaceTokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** Loads {@code tokenizer.json}. */
    public static Tokenizer load(Path file) {
        try {
            var tokenizer = HuggingFaceTokenizer.newInstance(
                    file, Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false"));
            // Loaded, the library needs its file no longer, but on Windows: there it stays until the program ends.
            UNPACKED.ifPresent(Tokenizer::delete);
            return new Tokenizer(tokenizer);
        } catch (IOException | RuntimeException e) {
            throw new BundleException(file.getFileName() + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Token ids of one piece of a prompt, with SentencePiece's dummy space in front; none for an empty piece. */
    public int[] encode(String piece) {
        if (piece.isEmpty()) {
            return new int[0];
        }
        long[] ids = tokenizer.encode(piece, false, false).getIds();
        var result = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            result[i] = Math.toIntExact(ids[i]);
        }
        return result;
    }

    @Override
    public void close() {
        tokenizer.close();
    }

    private static boolean isSet(String property) {
        return System.getProperty(property) != null || System.getenv(property) != null;
    }

    /** Where the tokenizer's native library is unpacked: the home folder may be read-only. */
    private static Path temporaryFolder() {
        try {
            Path folder = Files.createTempDirectory("describe-anything-tokenizer");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
            return folder;
        } catch (IOException e) {
            throw new BundleException(
                    "The temporary folder " + System.getProperty("java.io.tmpdir") + " cannot be written: "
                            + e.getMessage(),
                    e);
        }
    }

    private static void delete(Path folder) {
        try (var files = Files.walk(folder)) {
            files.sorted(java.util.Comparator.reverseOrder())
                    .forEach(it -> it.toFile().delete());
        } catch (IOException e) {
            // Left to the system's own cleaning of its temporary folder.
        }
    }
}
