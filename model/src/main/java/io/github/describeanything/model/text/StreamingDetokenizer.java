package io.github.describeanything.model.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Decodes the bytes of tokens into text, one complete character at a time. Used by one thread.
 *
 * <p>What belongs to no valid character becomes U+FFFD, however the bytes are split into tokens: one for each byte, as in
 * SentencePiece, or one for the longest beginning of a character, as in byte-level BPE.
 */
public final class StreamingDetokenizer {
    private static final byte[] REPLACEMENT = "\uFFFD".getBytes(StandardCharsets.UTF_8);
    private static final int INVALID = -1;
    private static final int INCOMPLETE = 0;

    private final byte[] pending = new byte[4];
    private final boolean joins;
    private int count;

    /** One U+FFFD for each byte. */
    public StreamingDetokenizer() {
        this(false);
    }

    /** @param joins whether the beginning of a character that does not go on becomes one U+FFFD */
    public StreamingDetokenizer(boolean joins) {
        this.joins = joins;
    }

    /** Adds a token's bytes and returns the text that is complete now. */
    public String append(byte[] bytes) {
        var out = new ByteArrayOutputStream(bytes.length + count);
        for (byte next : bytes) {
            pending[count++] = next;
            drain(out);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    /** Whether the bytes so far end inside a character. */
    public boolean midCharacter() {
        return count > 0;
    }

    /** Ends the text and returns the replacement of an incomplete character. */
    public String finish() {
        String rest = "\uFFFD".repeat(joins ? Math.min(1, count) : count);
        count = 0;
        return rest;
    }

    private void drain(ByteArrayOutputStream out) {
        while (count > 0) {
            int length = character();
            if (length == INCOMPLETE) {
                return;
            }
            if (length == INVALID) {
                out.writeBytes(REPLACEMENT);
                // Only the last byte can be the wrong one: the others were a beginning before it came.
                drop(joins ? Math.max(1, count - 1) : 1);
            } else {
                out.write(pending, 0, length);
                drop(length);
            }
        }
    }

    private void drop(int bytes) {
        System.arraycopy(pending, bytes, pending, 0, count - bytes);
        count -= bytes;
    }

    /** Length of the character at the start of the pending bytes, or INCOMPLETE, or INVALID (RFC 3629). */
    private int character() {
        int first = pending[0] & 0xFF;
        int length = first < 0x80
                ? 1
                : first >= 0xC2 && first < 0xE0
                        ? 2
                        : first >= 0xE0 && first < 0xF0 ? 3 : first >= 0xF0 && first < 0xF5 ? 4 : INVALID;
        if (length == INVALID) {
            return INVALID;
        }
        for (int i = 1; i < Math.min(length, count); i++) {
            int low = 0x80;
            int high = 0xBF;
            if (i == 1) {
                low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : low;
                high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : high;
            }
            int next = pending[i] & 0xFF;
            if (next < low || next > high) {
                return INVALID;
            }
        }
        return count < length ? INCOMPLETE : length;
    }
}
