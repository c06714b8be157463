package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;

import io.github.describeanything.focal.PictureException;
import java.nio.ByteBuffer;

/**
 * The alpha of a lossy WebP (container specification, "Alpha"): a byte of flags, then one value per pixel, plain or as
 * the green channel of a lossless bitstream without a header. Stateless.
 */
final class WebpAlpha {
    private WebpAlpha() {}

    /** @return one byte per pixel, row by row from the top */
    static byte[] decode(ByteBuffer body, int width, int height) {
        if (!body.hasRemaining()) {
            throw new PictureException(MALFORMED, "The WebP's alpha is empty");
        }
        int how = body.get(0);
        ByteBuffer values = body.slice(1, body.remaining() - 1);
        byte[] alpha = switch (how & 3) {
            case 0 -> plain(values, width * height);
            case 1 -> green(values, width, height);
            default -> throw new PictureException(MALFORMED, "The WebP's alpha has an unknown compression");
        };
        unfilter(alpha, width, how >> 2 & 3);
        return alpha;
    }

    private static byte[] plain(ByteBuffer values, int count) {
        if (values.remaining() < count) {
            throw new PictureException(MALFORMED, "The WebP's alpha is truncated");
        }
        var plain = new byte[count];
        values.get(0, plain);
        return plain;
    }

    private static byte[] green(ByteBuffer values, int width, int height) {
        int[] argb = Vp8l.decode(values, width, height);
        var green = new byte[argb.length];
        for (int i = 0; i < green.length; i++) {
            green[i] = (byte) (argb[i] >> 8);
        }
        return green;
    }

    /** Values are differences from a prediction: left (1), above (2), or the gradient of three neighbours (3). */
    private static void unfilter(byte[] values, int width, int filter) {
        for (int i = 1; filter != 0 && i < values.length; i++) {
            int x = i % width;
            int left = x > 0 ? values[i - 1] & 0xFF : 0;
            int above = i >= width ? values[i - width] & 0xFF : 0;
            boolean edge = x == 0 || i < width;
            int expected;
            if (edge) {
                expected = x == 0 ? above : left;
            } else if (filter == 3) {
                expected = Math.clamp(left + above - (values[i - width - 1] & 0xFF), 0, 255);
            } else {
                expected = filter == 1 ? left : above;
            }
            values[i] += (byte) expected;
        }
    }
}
