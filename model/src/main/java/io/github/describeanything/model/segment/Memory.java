package io.github.describeanything.model.segment;

import io.github.describeanything.model.bundle.Bfloat16;

/** What later frames read of a frame, [memory channels, cells, cells]. Immutable. */
final class Memory {
    private final short[] rounded;
    private final float[] exact;

    private Memory(short[] rounded, float[] exact) {
        this.rounded = rounded;
        this.exact = exact;
    }

    /** Rounded to bfloat16. */
    static Memory of(float[] values) {
        var rounded = new short[values.length];
        for (int i = 0; i < rounded.length; i++) {
            rounded[i] = Bfloat16.of(values[i]);
        }
        return new Memory(rounded, new float[0]);
    }

    /** As they are; the array must not change. */
    static Memory exact(float[] values) {
        return new Memory(new short[0], values);
    }

    void copyTo(float[] into, int from) {
        System.arraycopy(exact, 0, into, from, exact.length);
        for (int i = 0; i < rounded.length; i++) {
            into[from + i] = Bfloat16.toFloat(rounded[i]);
        }
    }
}
