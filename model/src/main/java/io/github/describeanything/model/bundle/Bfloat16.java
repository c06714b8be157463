package io.github.describeanything.model.bundle;

/** Converts between float32 and bfloat16, the upper half of a float32. Stateless. */
public final class Bfloat16 {
    private static final int DROPPED = 16;

    private Bfloat16() {}

    /** Rounds to the nearest bfloat16, ties to even. NaN stays NaN; values out of range become infinite. */
    public static short of(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            // Set a bit: if the upper half of the payload is 0, the result would be infinity.
            return (short) (bits >> DROPPED | 1 << 6);
        }
        int half = (1 << DROPPED - 1) - 1;
        int odd = bits >> DROPPED & 1;
        return (short) (bits + half + odd >> DROPPED);
    }

    /** Widens exactly. */
    public static float toFloat(short bits) {
        return Float.intBitsToFloat(bits << DROPPED);
    }
}
