package io.github.describeanything.focal.codec;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import java.util.BitSet;

/**
 * How a stored picture is rotated or mirrored to be upright: EXIF's and TIFF's tag 274, values 1 to 8. Immutable and
 * thread-safe.
 *
 * <p>Each value says where the first stored row and column appear.
 */
enum Orientation {
    TOP_LEFT(false, false, false),
    TOP_RIGHT(false, true, false),
    BOTTOM_RIGHT(false, true, true),
    BOTTOM_LEFT(false, false, true),
    LEFT_TOP(true, false, false),
    RIGHT_TOP(true, false, true),
    RIGHT_BOTTOM(true, true, true),
    LEFT_BOTTOM(true, true, false);

    /** Whether rows become columns. */
    private final boolean swapped;
    /** Whether stored columns run from right to left. */
    private final boolean mirroredX;
    /** Whether stored rows run from bottom to top. */
    private final boolean mirroredY;

    Orientation(boolean swapped, boolean mirroredX, boolean mirroredY) {
        this.swapped = swapped;
        this.mirroredX = mirroredX;
        this.mirroredY = mirroredY;
    }

    /** The orientation for a tag's value; invalid values mean upright, as in viewers. */
    static Orientation of(long value) {
        return value >= 1 && value <= 8 ? values()[(int) value - 1] : TOP_LEFT;
    }

    Picture apply(Picture picture) {
        if (this == TOP_LEFT) {
            return picture;
        }
        int width = picture.width();
        int height = picture.height();
        byte[] from = picture.rgba();
        var to = new byte[from.length];
        for (int pixel = 0; pixel < width * height; pixel++) {
            System.arraycopy(from, 4 * stored(pixel, width, height), to, 4 * pixel, 4);
        }
        return new Picture(swapped ? height : width, swapped ? width : height, to, picture.hasAlpha());
    }

    Mask apply(Mask mask) {
        if (this == TOP_LEFT) {
            return mask;
        }
        int width = mask.width();
        int height = mask.height();
        var bits = new BitSet(width * height);
        for (int pixel = 0; pixel < width * height; pixel++) {
            bits.set(pixel, mask.get(stored(pixel, width, height)));
        }
        return Mask.of(swapped ? height : width, swapped ? width : height, bits);
    }

    /**
     * The index of a pixel of the upright picture in the stored one, both row-major. @param width of the stored picture
     */
    private int stored(int pixel, int width, int height) {
        int across = swapped ? height : width;
        int column = pixel % across;
        int row = pixel / across;
        int x = swapped ? row : column;
        int y = swapped ? column : row;
        return (mirroredY ? height - 1 - y : y) * width + (mirroredX ? width - 1 - x : x);
    }
}
