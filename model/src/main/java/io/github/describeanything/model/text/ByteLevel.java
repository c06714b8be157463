package io.github.describeanything.model.text;

import java.io.ByteArrayOutputStream;
import java.util.stream.IntStream;

/**
 * The bytes behind the characters of a byte-level vocabulary: printable ones of Latin-1 stand for themselves, the others
 * for the characters from U+0100 on, in order. Stateless.
 */
final class ByteLevel {
    private static final int FIRST = 0x100;
    private static final int[] OTHERS = others();

    private ByteLevel() {}

    private static int[] others() {
        return IntStream.range(0, FIRST).filter(it -> !printable(it)).toArray();
    }

    private static boolean printable(int c) {
        return c >= '!' && c <= '~' || c >= 0xA1 && c <= 0xFF && c != 0xAD;
    }

    /** @throws IllegalArgumentException if a character stands for no byte */
    static byte[] bytes(String piece) {
        var bytes = new ByteArrayOutputStream(piece.length());
        for (int i = 0; i < piece.length(); i++) {
            char c = piece.charAt(i);
            if (c < FIRST && printable(c)) {
                bytes.write(c);
            } else if (c >= FIRST && c - FIRST < OTHERS.length) {
                bytes.write(OTHERS[c - FIRST]);
            } else {
                throw new IllegalArgumentException("\"" + piece + "\" is no piece of a byte-level vocabulary");
            }
        }
        return bytes.toByteArray();
    }
}
