package io.github.describeanything.model.segment;

import io.github.describeanything.focal.Mask;

/**
 * A mask before it is enlarged: positive inside. Immutable: do not change the array.
 *
 * @param side of the square map, whatever the picture's shape
 * @param values row by row
 */
public record MaskLogits(int side, float[] values) {
    /** Logits beyond this are cut off when they go in as a prompt (published code). */
    private static final float MOST = 32;

    /** The mask on a picture of this size: what is above 0 between the logits. CPU-bound. */
    public Mask enlarged(int width, int height) {
        return MaskEnlarger.enlarge(this, width, height);
    }

    public MaskLogits {
        if (values.length != side * side) {
            throw new IllegalArgumentException("%d logits for a side of %d".formatted(values.length, side));
        }
    }

    /** The same logits as they go in as a prompt. */
    MaskLogits bounded() {
        var bounded = new float[values.length];
        for (int i = 0; i < bounded.length; i++) {
            bounded[i] = Math.clamp(values[i], -MOST, MOST);
        }
        return new MaskLogits(side, bounded);
    }
}
