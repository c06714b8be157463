package io.github.describeanything.focal;

import java.util.Optional;

/**
 * The bounding box of a mask, in pixels; immutable and thread-safe.
 *
 * @param x first column inside
 * @param y first row inside
 * @param width in columns, at least 1
 * @param height in rows, at least 1
 */
public record MaskBox(int x, int y, int width, int height) {
    public MaskBox {
        if (x < 0 || y < 0 || width < 1 || height < 1) {
            throw new IllegalArgumentException(
                    "Not a box: x " + x + ", y " + y + ", width " + width + ", height " + height);
        }
    }

    /** The bounding box of the pixels whose alpha is above 0; empty if there are none. */
    public static Optional<MaskBox> ofAlpha(Picture picture) {
        int width = picture.width();
        var rgba = picture.rgba();
        int top = -1;
        int bottom = -1;
        int left = width;
        int right = -1;
        for (int y = 0; y < picture.height(); y++) {
            int row = 4 * y * width + 3;
            int first = 0;
            while (first < width && rgba[row + 4 * first] == 0) {
                first++;
            }
            if (first == width) {
                continue;
            }
            int last = width - 1;
            while (rgba[row + 4 * last] == 0) {
                last--;
            }
            top = top < 0 ? y : top;
            bottom = y;
            left = Math.min(left, first);
            right = Math.max(right, last);
        }
        return top < 0 ? Optional.empty() : Optional.of(new MaskBox(left, top, right - left + 1, bottom - top + 1));
    }
}
