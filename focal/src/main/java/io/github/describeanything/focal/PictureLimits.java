package io.github.describeanything.focal;

/**
 * How large a picture may be, checked against its header before any pixel is decoded; immutable and thread-safe.
 *
 * @param maxPixels limit of width times height
 * @param maxSide limit of width and of height
 */
public record PictureLimits(long maxPixels, int maxSide) {
    /** 33 megapixels and 16,384 pixels per side: an 8K frame or most photographs, at most 134 MB of RGBA. */
    public static final PictureLimits DEFAULT = new PictureLimits(1L << 25, 1 << 14);

    public PictureLimits {
        // Four bytes per pixel must fit into one array.
        if (maxPixels < 1 || maxPixels > Integer.MAX_VALUE / 4 - 16 || maxSide < 1) {
            throw new IllegalArgumentException(
                    "Limits out of range: " + maxPixels + " pixels, " + maxSide + " per side");
        }
    }

    /** Checks the size of a picture. @throws PictureException if it has no pixels or is over the limits */
    public void check(long width, long height) {
        if (width < 1 || height < 1) {
            throw new PictureException(PictureException.Reason.MALFORMED, "The picture has no pixels");
        }
        if (width > maxSide || height > maxSide || width * height > maxPixels) {
            throw new PictureException(
                    PictureException.Reason.TOO_LARGE,
                    "The picture is " + width + " x " + height + " pixels; the limits are " + maxSide + " per side and "
                            + maxPixels + " in total");
        }
    }
}
