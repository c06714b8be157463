package io.github.describeanything.focal.region;

import io.github.describeanything.focal.Mask;

/**
 * A part of a picture given by geometry, to be turned into a {@link Mask}. Implementations are immutable as long as no
 * caller writes to their arrays, and thread-safe.
 *
 * <p>Coordinates are in pixels from the top left corner of the picture as it was read: the first pixel covers 0 to 1
 * and has its centre at 0.5. Detectors and annotation tools often overshoot a little, so a coordinate up to 2 % of the
 * side, or 2 pixels if that is more, outside the picture is accepted and the region is clipped. Further out it is
 * refused: the region was probably made for a picture of another size.
 */
public sealed interface Region permits Box, Polygon, RunLengths, Scribble, Whole, Drawn {
    /** Corners of a polygon or points of a scribble that one region may have, all parts together. */
    int MAX_POINTS = 10_000;

    /**
     * The pixels of this region in a picture of this size.
     *
     * @throws RegionException if there are none, or the region does not fit the picture
     */
    Mask rasterise(int width, int height);

    /**
     * Converts a region given in fractions of the picture's width and height to pixels.
     *
     * @throws RegionException if this kind of region is always in pixels
     */
    Region ofFractions(int width, int height);
}
