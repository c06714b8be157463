package io.github.describeanything.focal.region;

import io.github.describeanything.focal.Mask;

/** A region given as a mask, for example by a mask picture; immutable and thread-safe. */
public record Drawn(Mask mask) implements Region {
    @Override
    public Mask rasterise(int width, int height) {
        if (mask.width() != width || mask.height() != height) {
            throw new RegionException(
                    "mask",
                    "The mask is " + mask.width() + " x " + mask.height() + " pixels, but the picture is " + width
                            + " x " + height);
        }
        if (mask.count() == 0) {
            throw Canvas.empty("mask");
        }
        return mask;
    }

    @Override
    public Region ofFractions(int width, int height) {
        throw new RegionException("unit", "A mask picture is in pixels: omit unit");
    }
}
