package io.github.describeanything.model.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.github.describeanything.model.bundle.BundleException;
import io.github.describeanything.model.bundle.Manifest.DecoderShape;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Converts text to token ids, exactly like the checkpoint's tokenizer, and token ids to bytes of text. Thread-safe.
 *
 * <p>Text that spells a special token stays text; only {@link #encodeTemplate} knows them.
 */
public final class Tokenizer implements AutoCloseable {
    private static final Pattern BYTE = Pattern.compile("<0x([0-9A-Fa-f]{2})>");
    private static final char SPACE_MARK = '\u2581';
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
    private final byte[][] bytes;
    private final Map<String, Integer> added;
    private final boolean byteLevel;
    private final Set<Integer> ends;
    private final int longestPiece;

    private Tokenizer(
            HuggingFaceTokenizer tokenizer,
            byte[][] bytes,
            Map<String, Integer> added,
            boolean byteLevel,
            Set<Integer> ends,
            int longestPiece) {
        this.tokenizer = tokenizer;
        this.bytes = bytes;
        this.added = added;
        this.byteLevel = byteLevel;
        this.ends = ends;
        this.longestPiece = longestPiece;
    }

    /** Loads {@code tokenizer.json}. @param decoder gives the size of the vocabulary and the special tokens */
    public static Tokenizer load(Path file, DecoderShape decoder) {
        try {
            var json = (ObjectNode) JsonMapper.shared().readTree(file.toFile());
            JsonNode model = json.path("model");
            boolean byteLevel = json.path("decoder").path("type").asString("").equals("ByteLevel");
            byte[][] bytes = bytes(json, byteLevel, decoder);
            Map<String, Integer> added = added(json);
            int longest = model.path("vocab").properties().stream()
                    .filter(it -> it.getValue().asInt() < bytes.length)
                    .mapToInt(it -> it.getKey().length())
                    .max()
                    .orElse(1);
            // Without its added tokens, the library cannot find them in text.
            json.putArray("added_tokens");
            var tokenizer = HuggingFaceTokenizer.newInstance(
                    new ByteArrayInputStream(JsonMapper.shared().writeValueAsBytes(json)),
                    Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false"));
            // Once loaded, the library no longer needs its file, except on Windows, where it stays until the process
            // exits.
            UNPACKED.ifPresent(Tokenizer::delete);
            return new Tokenizer(tokenizer, bytes, added, byteLevel, Set.copyOf(decoder.eosTokenIds()), longest);
        } catch (IOException | RuntimeException e) {
            throw new BundleException(file.getFileName() + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static Map<String, Integer> added(JsonNode json) {
        var added = new HashMap<String, Integer>();
        for (JsonNode token : json.path("added_tokens")) {
            added.put(token.path("content").asString(""), token.path("id").asInt());
        }
        return Map.copyOf(added);
    }

    /** The text of each token; special tokens have none. */
    private static byte[][] bytes(JsonNode json, boolean byteLevel, DecoderShape decoder) {
        JsonNode model = json.path("model");
        var bytes = new byte[decoder.vocabSize()][];
        Arrays.fill(bytes, new byte[0]);
        for (Map.Entry<String, JsonNode> piece : model.path("vocab").properties()) {
            int id = piece.getValue().asInt();
            if (id < bytes.length) {
                bytes[id] = byteLevel ? ByteLevel.bytes(piece.getKey()) : bytes(piece.getKey());
            }
        }
        for (JsonNode token : json.path("added_tokens")) {
            int id = token.path("id").asInt();
            if (id < bytes.length) {
                String text = token.path("special").asBoolean(false)
                        ? ""
                        : token.path("content").asString("");
                bytes[id] = text.getBytes(StandardCharsets.UTF_8);
            }
        }
        var special = new ArrayList<>(decoder.eosTokenIds());
        special.add(decoder.bosTokenId());
        special.add(decoder.padTokenId());
        special.add(
                model.path("vocab").path(model.path("unk_token").asString("")).asInt(-1));
        special.stream().filter(id -> id >= 0 && id < bytes.length).forEach(id -> bytes[id] = new byte[0]);
        return bytes;
    }

    private static byte[] bytes(String piece) {
        var single = BYTE.matcher(piece);
        if (single.matches()) {
            return new byte[] {(byte) Integer.parseInt(single.group(1), 16)};
        }
        return piece.replace(SPACE_MARK, ' ').getBytes(StandardCharsets.UTF_8);
    }

    /** Token ids of one piece of a prompt, tokenised on its own; empty for an empty piece. */
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

    /** Token ids of a part of a template, in which special tokens such as {@code <|im_start|>} are tokens. */
    public int[] encodeTemplate(String piece) {
        var ids = IntStream.builder();
        int from = 0;
        while (from < piece.length()) {
            int at = piece.length();
            String next = "";
            for (String token : added.keySet()) {
                int found = piece.indexOf(token, from);
                if (found >= 0 && (found < at || found == at && token.length() > next.length())) {
                    at = found;
                    next = token;
                }
            }
            IntStream.of(encode(piece.substring(from, at))).forEach(ids::add);
            if (!next.isEmpty()) {
                ids.add(Objects.requireNonNull(added.get(next)));
            }
            from = at + next.length();
        }
        return ids.build().toArray();
    }

    /** A detokenizer that replaces invalid bytes as the checkpoint's tokenizer does. */
    public StreamingDetokenizer detokenizer() {
        return new StreamingDetokenizer(byteLevel);
    }

    /** UTF-8 bytes of a token, a leading space included; they may be part of a character. Do not change. */
    public byte[] bytes(int id) {
        return bytes[id];
    }

    /** Whether a token ends an answer. */
    public boolean isEos(int id) {
        return ends.contains(id);
    }

    /** Length of the longest token in characters, for a lower bound on the tokens of a text. */
    public int longestPiece() {
        return longestPiece;
    }

    @Override
    public void close() {
        tokenizer.close();
    }

    private static boolean isSet(String property) {
        return System.getProperty(property) != null || System.getenv(property) != null;
    }

    /** The tokenizer's native library is unpacked here, because the home folder may be read-only. */
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
            files.sorted(Comparator.reverseOrder()).forEach(it -> it.toFile().delete());
        } catch (IOException e) {
            // Left for the system to clean up.
        }
    }
}
