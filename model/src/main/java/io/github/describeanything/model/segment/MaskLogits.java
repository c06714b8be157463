package io.github.describeanything.model.segment;

/**
 * A mask before it is enlarged: positive inside. Immutable: do not change the array.
 *
 * @param side of the square map, whatever the picture's shape
 * @param values row by row
 */
public record MaskLogits(int side, float[] values) {
    /** Logits beyond this are cut off when they go in as a prompt (published code). */
    static final float MOST = 32;

    public MaskLogits {
        if (values.length != side * side) {
            throw new IllegalArgumentException("%d logits for a side of %d".formatted(values.length, side));
        }
    }
}
