package io.github.describeanything.focal;

import java.util.BitSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The pixels of a region, one bit per pixel; immutable and thread-safe. */
public final class Mask {
    private final int width;
    private final int height;
    private final BitSet bits;

    private Mask(int width, int height, BitSet bits) {
        if (width < 1 || height < 1 || bits.length() > (long) width * height) {
            throw new IllegalArgumentException("Bits outside a mask of " + width + " x " + height);
        }
        this.width = width;
        this.height = height;
        this.bits = bits;
    }

    /**
     * A mask from bits, row by row from the top: pixel {@code (x, y)} is bit {@code y * width + x}.
     *
     * @param bits copied
     */
    public static Mask of(int width, int height, BitSet bits) {
        return new Mask(width, height, (BitSet) bits.clone());
    }

    /** The pixels whose alpha is above 0: alpha 1 counts, as in the published code. */
    public static Mask ofAlpha(Picture picture) {
        var rgba = picture.rgba();
        var bits = new BitSet(picture.width() * picture.height());
        for (int pixel = 0; 4 * pixel < rgba.length; pixel++) {
            if (rgba[4 * pixel + 3] != 0) {
                bits.set(pixel);
            }
        }
        return new Mask(picture.width(), picture.height(), bits);
    }

    public int width() {
        return width;
    }

    public int height() {
        return height;
    }

    public boolean get(int x, int y) {
        if (x < 0 || y < 0 || x >= width || y >= height) {
            throw new IndexOutOfBoundsException(x + ", " + y + " outside " + width + " x " + height);
        }
        return get(y * width + x);
    }

    /** Whether a pixel is inside, by its row-major index. */
    public boolean get(int pixel) {
        return bits.get(pixel);
    }

    /** How many pixels are inside. */
    public int count() {
        return bits.cardinality();
    }

    /** The bounding box of the pixels inside; empty if there are none. */
    public Optional<MaskBox> box() {
        if (bits.isEmpty()) {
            return Optional.empty();
        }
        int top = bits.nextSetBit(0) / width;
        int bottom = (bits.length() - 1) / width;
        int left = width;
        int right = -1;
        for (int y = top; y <= bottom; y++) {
            int row = y * width;
            int first = bits.nextSetBit(row);
            if (first < 0 || first >= row + width) {
                continue;
            }
            left = Math.min(left, first - row);
            right = Math.max(right, bits.previousSetBit(row + width - 1) - row);
        }
        return Optional.of(new MaskBox(left, top, right - left + 1, bottom - top + 1));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Mask mask && width == mask.width && height == mask.height && bits.equals(mask.bits);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * width + height) + bits.hashCode();
    }
}
