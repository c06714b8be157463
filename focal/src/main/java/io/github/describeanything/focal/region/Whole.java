package io.github.describeanything.focal.region;

import io.github.describeanything.focal.Mask;
import java.util.BitSet;

/** All pixels of the picture; immutable and thread-safe. */
public record Whole() implements Region {
    @Override
    public Mask rasterise(int width, int height) {
        var bits = new BitSet(width * height);
        bits.set(0, width * height);
        return Mask.of(width, height, bits);
    }

    @Override
    public Region ofFractions(int width, int height) {
        return this;
    }
}
