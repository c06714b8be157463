package io.github.describeanything.model.segment;

import java.util.BitSet;

/** Fills small holes of a mask, as the published video predictor does. Stateless. */
final class HoleFiller {
    /** Holes of up to this many cells are filled. */
    private static final int MOST_CELLS = 8;

    private static final float INSIDE = 0.1f;

    private HoleFiller() {}

    /** Cells of logits of at most 0 that touch, at corners too, are one hole if they are few. */
    static MaskLogits fill(MaskLogits logits) {
        int side = logits.side();
        float[] values = logits.values().clone();
        var open = new BitSet(values.length);
        for (int i = 0; i < values.length; i++) {
            open.set(i, values[i] <= 0);
        }
        var group = new int[values.length];
        for (int first = open.nextSetBit(0); first >= 0; first = open.nextSetBit(first)) {
            int size = collect(open, side, first, group);
            for (int i = 0; size <= MOST_CELLS && i < size; i++) {
                values[group[i]] = INSIDE;
            }
        }
        return new MaskLogits(side, values);
    }

    /** Takes a cell and all that it touches out of {@code open} into {@code group}. @return how many */
    private static int collect(BitSet open, int side, int first, int[] group) {
        int size = 0;
        group[size++] = first;
        open.clear(first);
        for (int at = 0; at < size; at++) {
            int row = group[at] / side;
            int column = group[at] % side;
            for (int y = Math.max(0, row - 1); y <= Math.min(side - 1, row + 1); y++) {
                for (int x = Math.max(0, column - 1); x <= Math.min(side - 1, column + 1); x++) {
                    int cell = y * side + x;
                    if (open.get(cell)) {
                        open.clear(cell);
                        group[size++] = cell;
                    }
                }
            }
        }
        return size;
    }
}
