package io.github.describeanything.model.segment;

import io.github.describeanything.model.bundle.Bfloat16;

/** What is remembered of a frame: [memory channels, cells, cells] as bfloat16, which the graph rounds to. Immutable. */
final class Memory {
    private final short[] values;

    private Memory(short[] values) {
        this.values = values;
    }

    static Memory of(float[] rounded) {
        var values = new short[rounded.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = Bfloat16.of(rounded[i]);
        }
        return new Memory(values);
    }

    void copyTo(float[] into, int from) {
        for (int i = 0; i < values.length; i++) {
            into[from + i] = Bfloat16.toFloat(values[i]);
        }
    }
}
