package io.github.describeanything.focal;

/**
 * How large a picture may be, checked against its header before a pixel is decoded; immutable and thread-safe.
 *
 * @param maxPixels width times height at most
 * @param maxSide width and height at most
 */
public record PictureLimits(long maxPixels, int maxSide) {
    /** 33 megapixels and 16,384 a side: an 8K frame or most photographs, at most 134 MB of RGBA. */
    public static final PictureLimits DEFAULT = new PictureLimits(1L << 25, 1 << 14);

    public PictureLimits {
        // Four bytes a pixel must fit one array.
        if (maxPixels < 1 || maxPixels > Integer.MAX_VALUE / 4 - 16 || maxSide < 1) {
            throw new IllegalArgumentException("Limits of " + maxPixels + " pixels and " + maxSide + " a side");
        }
    }

    /** Refuses a picture of this size if it is over the limits or has no pixels. @throws PictureException if so */
    public void check(long width, long height) {
        if (width < 1 || height < 1) {
            throw new PictureException(PictureException.Reason.MALFORMED, "The picture has no pixels");
        }
        if (width > maxSide || height > maxSide || width * height > maxPixels) {
            throw new PictureException(
                    PictureException.Reason.TOO_LARGE,
                    "The picture is " + width + " x " + height + " pixels; at most " + maxSide + " a side and "
                            + maxPixels + " in all are accepted");
        }
    }
}
