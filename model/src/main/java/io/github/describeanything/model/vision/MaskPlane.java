package io.github.describeanything.model.vision;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.MaskBox;

/**
 * A mask at the size of a view, as the bundle's {@code preprocess.onnx} makes it of a picture's alpha, at the cost of
 * the mask's box instead of the whole picture. Immutable.
 *
 * <p>Pillow's bicubic filter on bytes: along the rows, then down the columns, each rounded to a byte, with weights of 22
 * bits. They are computed in the precision and order of ONNX Runtime's antialiased cubic Resize, so that every byte is
 * the graph's.
 */
final class MaskPlane {
    private static final float REACH = 2;
    private static final float A = -0.5f;
    private static final int BITS = 22;

    private final int size;

    /** @param size side of a view in pixels */
    MaskPlane(int size) {
        this.size = size;
    }

    /** The mask's bytes, 255 inside and 0 outside, resized: [size, size] row-major. */
    byte[] of(Mask mask) {
        MaskBox box = mask.box().orElseThrow();
        var across = new Weights[size];
        var down = new Weights[size];
        for (int i = 0; i < size; i++) {
            across[i] = weights(i, mask.width());
            down[i] = weights(i, mask.height());
        }
        var rows = new byte[box.height() * size];
        for (int y = 0; y < box.height(); y++) {
            for (int x = 0; x < size; x++) {
                rows[y * size + x] = across(across[x], mask, box, box.y() + y);
            }
        }
        var plane = new byte[size * size];
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                plane[y * size + x] = down(down[y], rows, box, x);
            }
        }
        return plane;
    }

    private static byte across(Weights weights, Mask mask, MaskBox box, int y) {
        int sum = 1 << BITS - 1;
        int from = Math.max(weights.first, box.x());
        int to = Math.min(weights.first + weights.values.length, box.x() + box.width());
        for (int x = from; x < to; x++) {
            sum += mask.get(x, y) ? 255 * weights.values[x - weights.first] : 0;
        }
        return (byte) Math.clamp(sum >> BITS, 0, 255);
    }

    private byte down(Weights weights, byte[] rows, MaskBox box, int x) {
        int sum = 1 << BITS - 1;
        int from = Math.max(weights.first, box.y());
        int to = Math.min(weights.first + weights.values.length, box.y() + box.height());
        for (int y = from; y < to; y++) {
            sum += (rows[(y - box.y()) * size + x] & 0xFF) * weights.values[y - weights.first];
        }
        return (byte) Math.clamp(sum >> BITS, 0, 255);
    }

    /** What a pixel of the view takes of its line: from the pixel {@code first} on. */
    private record Weights(int first, int[] values) {}

    private Weights weights(int to, int length) {
        float ratio = (float) size / length;
        float scale = 1 / ratio;
        float reach = scale >= 1 ? REACH * scale : REACH;
        float narrow = scale >= 1 ? 1 / scale : 1;
        float centre = 0.5f + (scale == 1 ? to : (to + 0.5f) / ratio - 0.5f);
        int first = Math.max((int) Math.floor(centre - reach + 0.5f), 0);
        int end = Math.min((int) Math.floor(centre + reach + 0.5f), length);
        var shares = new float[end - first];
        float total = 0;
        for (int i = 0; i < shares.length; i++) {
            shares[i] = filter((i + first - centre + 0.5f) * narrow);
            total += shares[i];
        }
        float whole = total == 0 ? 1 : 1 / total;
        var values = new int[shares.length];
        for (int i = 0; i < values.length; i++) {
            float share = shares[i] * whole * (1 << BITS - 1) * 2;
            values[i] = (int) (share < 0 ? Math.ceil(share - 0.5) : Math.floor(share + 0.5));
        }
        return new Weights(first, values);
    }

    /** The cubic convolution filter (Keys 1981). */
    private static float filter(float at) {
        float x = Math.abs(at);
        if (x < 1) {
            return ((A + 2) * x - (A + 3)) * x * x + 1;
        }
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
    }
}
