package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;

import io.github.describeanything.focal.PictureException;
import java.nio.ByteBuffer;

/**
 * Unpacks a GIF frame's pixels in the order they are stored (GIF89a, appendix F). Not thread-safe. Memory is fixed, and
 * no more is unpacked than asked for.
 */
final class GifPixels {
    private static final int MOST_CODES = 1 << 12;

    private final ByteBuffer file;
    private final int firstBits;
    private final int clear;
    /** The code that a code continues, and the pixel it adds. */
    private final short[] before = new short[MOST_CODES];

    private final byte[] last = new byte[MOST_CODES];
    private final byte[] pending = new byte[MOST_CODES + 1];
    private int pendingCount;
    private int codes;
    private int bits;
    private int previous = -1;
    private int buffer;
    private int buffered;
    private int blockLeft;

    /** @param file at the byte before the first block of codes */
    GifPixels(ByteBuffer file) {
        this.file = file;
        firstBits = file.get();
        if (firstBits < 1 || firstBits > 8) {
            throw new PictureException(MALFORMED, "The GIF's codes are of no possible length");
        }
        clear = 1 << firstBits;
        restart();
    }

    private void restart() {
        codes = clear + 2;
        bits = firstBits + 1;
        previous = -1;
    }

    /** Writes the next pixels. */
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
        // The code after the newest is the previous string and its own first pixel once more.
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
        if (previous >= 0 && codes < MOST_CODES) {
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
