package io.github.describeanything.model.text;

import io.github.describeanything.model.bundle.BundleException;
import io.github.describeanything.model.bundle.Manifest.DecoderShape;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The bytes that each token stands for. Immutable. Special tokens stand for none. */
public final class Vocabulary {
    private static final Pattern BYTE = Pattern.compile("<0x([0-9A-Fa-f]{2})>");
    private static final char SPACE_MARK = '\u2581';

    private final byte[][] bytes;
    private final int longestPiece;

    private Vocabulary(byte[][] bytes, int longestPiece) {
        this.bytes = bytes;
        this.longestPiece = longestPiece;
    }

    /** Reads the pieces of {@code tokenizer.json}. */
    public static Vocabulary load(Path file, DecoderShape decoder) {
        try {
            JsonNode model = JsonMapper.shared().readTree(file.toFile()).path("model");
            var bytes = new byte[decoder.vocabSize()][];
            java.util.Arrays.fill(bytes, new byte[0]);
            int longest = 1;
            for (Map.Entry<String, JsonNode> piece : model.path("vocab").properties()) {
                int id = piece.getValue().asInt();
                if (id < bytes.length) {
                    bytes[id] = bytesOf(piece.getKey());
                    longest = Math.max(longest, piece.getKey().length());
                }
            }
            JsonNode unknown = model.path("vocab").path(model.path("unk_token").asString(""));
            if (unknown.isInt()) {
                bytes[unknown.asInt()] = new byte[0];
            }
            bytes[decoder.bosTokenId()] = new byte[0];
            decoder.eosTokenIds().forEach(id -> bytes[id] = new byte[0]);
            if (decoder.padTokenId() >= 0 && decoder.padTokenId() < bytes.length) {
                bytes[decoder.padTokenId()] = new byte[0];
            }
            return new Vocabulary(bytes, longest);
        } catch (JacksonException | IndexOutOfBoundsException e) {
            throw new BundleException(file.getFileName() + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** UTF-8 bytes of a token, the space it begins with included; possibly a part of a character. Do not change. */
    public byte[] bytes(int id) {
        return bytes[id];
    }

    /** Number of tokens. */
    public int size() {
        return bytes.length;
    }

    /** Most characters that one token can stand for: a text of n characters has at least n divided by this tokens. */
    public int longestPiece() {
        return longestPiece;
    }

    private static byte[] bytesOf(String piece) {
        var single = BYTE.matcher(piece);
        if (single.matches()) {
            return new byte[] {(byte) Integer.parseInt(single.group(1), 16)};
        }
        return piece.replace(SPACE_MARK, ' ').getBytes(StandardCharsets.UTF_8);
    }
}
