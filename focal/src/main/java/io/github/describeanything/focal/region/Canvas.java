package io.github.describeanything.focal.region;

import io.github.describeanything.focal.Mask;
import java.util.BitSet;

/** A mask being drawn, with a limit on the work. Not thread-safe. */
final class Canvas {
    /**
     * Edge points and pixels that one region may cost, on top of twice its picture's pixels: a few tenths of a second.
     */
    private static final long MAX_WORK = 20_000_000;

    private final int width;
    private final int height;
    private final BitSet bits;
    private long work;

    Canvas(int width, int height) {
        this.width = width;
        this.height = height;
        this.bits = new BitSet(width * height);
    }

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    /** Fills columns {@code [from, to)} of a row, clipped to the picture. */
    void row(int y, int from, int to) {
        int left = Math.max(from, 0);
        int right = Math.min(to, width);
        if (y >= 0 && y < height && left < right) {
            bits.set(y * width + left, y * width + right);
        }
    }

    /** Fills one pixel, which must lie inside. */
    void pixel(int x, int y) {
        bits.set(y * width + x);
    }

    /** Fills pixels {@code [from, to)} in column-major order, as in COCO. */
    void columnMajor(long from, long to) {
        int first = (int) (from / height);
        int last = (int) (to / height);
        if (first == last) {
            column(first, (int) (from % height), (int) (to % height));
            return;
        }
        column(first, (int) (from % height), height);
        // Only with whole columns in between: otherwise visiting every row costs far more than the pixels.
        for (int y = 0; y < height && first + 1 < last; y++) {
            row(y, first + 1, last);
        }
        column(last, 0, (int) (to % height));
    }

    private void column(int x, int from, int to) {
        for (int y = from; y < to; y++) {
            pixel(x, y);
        }
    }

    /** Counts work. @throws RegionException once it is too much */
    void spend(String field, long amount) {
        work += amount;
        if (work > MAX_WORK + 2L * width * height) {
            throw new RegionException(field, "The region has too many parts or too long an outline: simplify it");
        }
    }

    Mask mask(String field) {
        if (bits.isEmpty()) {
            throw empty(field);
        }
        return Mask.of(width, height, bits);
    }

    static RegionException empty(String field) {
        return new RegionException(field, "The region covers no pixel");
    }
}
