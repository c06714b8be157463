package io.github.describeanything.model.features;

/** The vision graph's input for one picture under one mask. Immutable; families extend it by what else their graphs read. */
public class View {
    private final float[] values;

    /** @param values row-major, in the shape that the model family defines; they must not change */
    public View(float[] values) {
        this.values = values;
    }

    /** Row-major; do not change. */
    public float[] values() {
        return values;
    }
}
