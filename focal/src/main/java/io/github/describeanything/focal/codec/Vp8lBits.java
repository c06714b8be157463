package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;

import io.github.describeanything.focal.PictureException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads the bits of lossless WebP, least significant first. Not thread-safe. */
final class Vp8lBits {
    private final ByteBuffer padded;
    private final long end;
    private long at;

    Vp8lBits(ByteBuffer data) {
        int bytes = data.remaining();
        padded = ByteBuffer.allocate(bytes + Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        padded.put(0, data, data.position(), bytes);
        end = 8L * bytes;
    }

    /** At least the next 57 bits, with zeros after the end. */
    long peek() {
        return padded.getLong((int) (at >> 3)) >>> (at & 7);
    }

    /** Skips at most 57 bits. @throws PictureException if the data ends before */
    void skip(int bits) {
        at += bits;
        if (at > end) {
            throw new PictureException(MALFORMED, "The WebP is truncated: pixels are missing");
        }
    }

    /** Reads at most 31 bits as a number. */
    int read(int bits) {
        int value = (int) peek() & (1 << bits) - 1;
        skip(bits);
        return value;
    }

    boolean flag() {
        return read(1) == 1;
    }
}
