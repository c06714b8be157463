package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;

import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;
import java.nio.ByteBuffer;

/**
 * A PNG's IHDR; immutable and thread-safe.
 *
 * @param depth bits per sample: 1, 2, 4, 8 or 16
 * @param colour 0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGB and alpha
 */
record PngHeader(int width, int height, int depth, int colour, boolean interlaced) {
    static final int GRAY = 0;
    static final int RGB = 2;
    static final int PALETTE = 3;
    static final int GRAY_ALPHA = 4;
    static final int RGB_ALPHA = 6;

    static PngHeader of(ByteBuffer body, PictureLimits limits) {
        if (body.remaining() != 13) {
            throw new PictureException(MALFORMED, "The PNG's header has the wrong length");
        }
        long width = Integer.toUnsignedLong(body.getInt());
        long height = Integer.toUnsignedLong(body.getInt());
        limits.check(width, height);
        int depth = body.get();
        int colour = body.get();
        int compression = body.get();
        int filter = body.get();
        int interlace = body.get();
        boolean legal = switch (colour) {
            case GRAY -> depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
            case PALETTE -> depth == 1 || depth == 2 || depth == 4 || depth == 8;
            case RGB, GRAY_ALPHA, RGB_ALPHA -> depth == 8 || depth == 16;
            default -> false;
        };
        if (!legal || compression != 0 || filter != 0 || interlace < 0 || interlace > 1) {
            throw new PictureException(MALFORMED, "The PNG's header is invalid");
        }
        return new PngHeader((int) width, (int) height, depth, colour, interlace == 1);
    }

    int samples() {
        return switch (colour) {
            case RGB -> 3;
            case GRAY_ALPHA -> 2;
            case RGB_ALPHA -> 4;
            default -> 1;
        };
    }

    /** Bytes of one packed row of {@code columns} pixels, without its filter byte. */
    int rowBytes(int columns) {
        return Math.toIntExact(((long) columns * samples() * depth + 7) / 8);
    }

    /** Distance in bytes to the pixel to the left, for filters. */
    int pixelBytes() {
        return Math.max(1, samples() * depth / 8);
    }
}
