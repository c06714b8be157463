package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;

import io.github.describeanything.focal.PictureException;
import java.nio.ByteBuffer;

/**
 * Decodes a GIF frame's LZW codes in the order they are stored (GIF89a, appendix F). Not thread-safe. Memory is fixed,
 * and only what is asked for is decoded.
 */
final class GifPixels {
    private static final int MAX_CODES = 1 << 12;

    private final ByteBuffer file;
    private final int firstBits;
    private final int clear;
    /** For each code, the code that it extends and the pixel that it appends. */
    private final short[] before = new short[MAX_CODES];

    private final byte[] last = new byte[MAX_CODES];
    private final byte[] pending = new byte[MAX_CODES + 1];
    private int pendingCount;
    private int codes;
    private int bits;
    private int previous = -1;
    private int buffer;
    private int buffered;
    private int blockLeft;

    /** @param file positioned at the code size, just before the first block of codes */
    GifPixels(ByteBuffer file) {
        this.file = file;
        firstBits = file.get();
        if (firstBits < 1 || firstBits > 8) {
            throw new PictureException(MALFORMED, "The GIF has an invalid code size");
        }
        clear = 1 << firstBits;
        restart();
    }

    private void restart() {
        codes = clear + 2;
        bits = firstBits + 1;
        previous = -1;
    }

    /** Decodes the next {@code count} pixels. */
    void read(byte[] out, int at, int count) {
        int end = at + count;
        while (at < end) {
            while (pendingCount > 0 && at < end) {
                out[at++] = pending[--pendingCount];
            }
            if (at < end) {
                expand(code());
            }
        }
    }

    private void expand(int code) {
        if (code == clear) {
            restart();
            return;
        }
        // The code after the newest stands for the previous string followed by its own first pixel.
        boolean newest = code == codes && previous >= 0;
        if (code == clear + 1 || code > codes || code == codes && !newest) {
            throw new PictureException(MALFORMED, "The GIF has fewer pixels than its frame");
        }
        int count = newest ? 1 : 0;
        int at = newest ? previous : code;
        for (; at >= clear; at = before[at]) {
            pending[count++] = last[at];
        }
        pending[count++] = (byte) at;
        if (newest) {
            pending[0] = (byte) at;
        }
        pendingCount = count;
        if (previous >= 0 && codes < MAX_CODES) {
            before[codes] = (short) previous;
            last[codes++] = (byte) at;
            if (codes == 1 << bits && bits < 12) {
                bits++;
            }
        }
        previous = code;
    }

    private int code() {
        while (buffered < bits) {
            while (blockLeft == 0) {
                blockLeft = file.hasRemaining() ? file.get() & 0xFF : 0;
                if (blockLeft == 0) {
                    throw new PictureException(MALFORMED, "The GIF ends inside its pixels");
                }
            }
            if (!file.hasRemaining()) {
                throw new PictureException(MALFORMED, "The GIF ends inside its pixels");
            }
            buffer |= (file.get() & 0xFF) << buffered;
            buffered += 8;
            blockLeft--;
        }
        int code = buffer & (1 << bits) - 1;
        buffer >>>= bits;
        buffered -= bits;
        return code;
    }
}
