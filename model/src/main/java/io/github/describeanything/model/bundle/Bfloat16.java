package io.github.describeanything.model.bundle;

/** Converts between float32 and bfloat16, which is its upper half. */
public final class Bfloat16 {
    private static final int DROPPED = 16;

    private Bfloat16() {}

    /** The nearest bfloat16; ties go to the one whose last bit is 0. NaN stays NaN, and values out of range become infinite. */
    public static short of(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            // The upper half of the payload may be 0, which would be infinity: set a bit.
            return (short) (bits >> DROPPED | 1 << 6);
        }
        int half = (1 << DROPPED - 1) - 1;
        int odd = bits >> DROPPED & 1;
        return (short) (bits + half + odd >> DROPPED);
    }

    /** The same number. */
    public static float toFloat(short bits) {
        return Float.intBitsToFloat(bits << DROPPED);
    }
}
