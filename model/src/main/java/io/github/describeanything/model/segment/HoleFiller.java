package io.github.describeanything.model.segment;

import java.util.BitSet;
import java.util.stream.IntStream;

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
        MaskPieces.of(open, side).stream()
                .filter(it -> it.length <= MOST_CELLS)
                .flatMapToInt(IntStream::of)
                .forEach(it -> values[it] = INSIDE);
        return new MaskLogits(side, values);
    }
}
