package io.github.describeanything.focal.region;

import io.github.describeanything.focal.Mask;

/**
 * A part of a picture given by geometry, to be turned into a {@link Mask}. Implementations are immutable as long as
 * no caller writes to their arrays, and thread-safe.
 *
 * <p>Coordinates are in pixels from the top left corner of the picture as it was read: the first pixel covers 0 to 1 and
 * has its centre at 0.5. Detectors and annotators often leave the picture by a little, so a coordinate up to 2 % of the
 * side, or 2 pixels if that is more, outside the picture is accepted and the region is cut off at the edge. Further out
 * it is refused, since the region was then made for a picture of another size.
 */
public sealed interface Region permits Box, Polygon, RunLengths, Scribble, Whole, Drawn {
    /** Corners of a polygon or points of a scribble that one region may have, all parts together. */
    int MOST_POINTS = 10_000;

    /**
     * The pixels of this region in a picture of this size.
     *
     * @throws RegionException if there are none, or if the region cannot be of such a picture
     */
    Mask rasterise(int width, int height);

    /**
     * The same region, given as fractions of a picture's width and height, in the pixels of that picture.
     *
     * @throws RegionException if this kind of region counts pixels
     */
    Region ofFractions(int width, int height);
}
