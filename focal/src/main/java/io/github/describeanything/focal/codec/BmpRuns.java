package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;

import io.github.describeanything.focal.PictureException;
import java.nio.ByteBuffer;

/** Decodes the run lengths of a BMP of 4 or 8 bits per pixel (BI_RLE4, BI_RLE8). Not thread-safe. */
final class BmpRuns {
    private final ByteBuffer file;
    private final int width;
    private final int height;
    private final boolean nibbles;

    /** @param nibbles whether a byte holds two pixels */
    BmpRuns(ByteBuffer file, int width, int height, boolean nibbles) {
        this.file = file;
        this.width = width;
        this.height = height;
        this.nibbles = nibbles;
    }

    /** Writes the palette indices; skipped pixels stay 0. The data must fill the bitmap or contain its end code. */
    void read(byte[] entries, boolean topDown) {
        int x = 0;
        int y = 0;
        while (y < height && (y < height - 1 || x < width)) {
            int count = next();
            int value = next();
            if (count > 0) {
                for (int i = 0; i < count; i++) {
                    set(entries, topDown, x++, y, nibbles ? value >> (i % 2 == 0 ? 4 : 0) & 15 : value);
                }
            } else if (value == 0) {
                x = 0;
                y++;
            } else if (value == 1) {
                return;
            } else if (value == 2) {
                x += next();
                y += next();
            } else {
                int bytes = nibbles ? (value + 1) / 2 : value;
                for (int i = 0; i < value; i++) {
                    int at = file.position() + (nibbles ? i / 2 : i);
                    if (at >= file.limit()) {
                        throw cut();
                    }
                    int pixel = file.get(at) & 0xFF;
                    set(entries, topDown, x++, y, nibbles ? pixel >> (i % 2 == 0 ? 4 : 0) & 15 : pixel);
                }
                file.position(Math.min(file.limit(), file.position() + bytes + bytes % 2));
            }
        }
    }

    private void set(byte[] entries, boolean topDown, int x, int y, int entry) {
        if (x < width && y < height) {
            entries[(topDown ? y : height - 1 - y) * width + x] = (byte) entry;
        }
    }

    private int next() {
        if (!file.hasRemaining()) {
            throw cut();
        }
        return file.get() & 0xFF;
    }

    private static PictureException cut() {
        return new PictureException(MALFORMED, "The BMP is truncated: pixels are missing");
    }
}
