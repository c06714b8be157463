package io.github.describeanything.focal.codec;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;
import java.util.Objects;
import java.util.function.Function;

/**
 * Decodes PNG, JPEG, WebP, TIFF, GIF and BMP into straight RGBA, to the same values as Pillow. Immutable and
 * thread-safe.
 *
 * <p>The first bytes choose the decoder, never a name or media type, and the size is checked against the limits before
 * any pixel is decoded. No compositing, no premultiplication, no colour management; 16-bit samples are cut to their
 * high byte. Of an animation the first frame is read, of a TIFF the first page. Files that the reference libraries read
 * with a warning are read; missing pixels are an error. docs/pictures.md lists formats, limits and how masks are read.
 */
public final class PictureReader {
    private final PictureLimits limits;
    private final boolean upright;

    /** A reader that ignores orientation tags. */
    public PictureReader(PictureLimits limits) {
        this(limits, false);
    }

    private PictureReader(PictureLimits limits, boolean upright) {
        this.limits = Objects.requireNonNull(limits);
        this.upright = upright;
    }

    /** The same reader, but it applies the EXIF or TIFF orientation of pictures and masks, as viewers do. */
    public PictureReader upright() {
        return new PictureReader(limits, true);
    }

    /**
     * Decodes a picture. Its alpha channel, if it has one, is {@link Picture#mask()}.
     *
     * @param encoded the whole file; not changed
     * @throws PictureException if the picture is refused, with the reason
     */
    public Picture read(byte[] encoded) {
        return read(encoded, format -> {
            Picture picture = format.decode(encoded, limits, Samples.COLOURS).picture();
            return upright ? format.orientation(encoded).apply(picture) : picture;
        });
    }

    /**
     * Decodes a mask picture: nonzero is inside, except for palettes and alpha (see the table in docs/pictures.md). The
     * mask may be empty.
     *
     * @param encoded the whole file; not changed
     * @throws PictureException if the picture is refused, with the reason: a lossy format, or an ambiguous mask
     */
    public Mask readMask(byte[] encoded) {
        return read(encoded, format -> {
            Mask mask = MaskReading.of(format.decode(encoded, limits, Samples.PRESENCE));
            return upright ? format.orientation(encoded).apply(mask) : mask;
        });
    }

    private static <T> T read(byte[] encoded, Function<Format, T> read) {
        Format format = Format.of(encoded);
        try {
            return read.apply(format);
        } catch (PictureException e) {
            throw e;
        } catch (RuntimeException e) {
            // Broken data makes decoders fail with whatever breaks first: an index out of bounds, a negative size.
            throw new PictureException(
                    PictureException.Reason.MALFORMED, "The " + format + " picture cannot be decoded", e);
        }
    }
}
