package io.github.describeanything.focal.codec;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;
import java.util.Objects;
import java.util.function.Function;

/**
 * Decodes PNG, JPEG, WebP, TIFF, GIF and BMP into straight RGBA, with the values that Pillow gives. Immutable and
 * thread-safe.
 *
 * <p>The first bytes choose the decoder, never a name or media type, and the size is checked against the limits before a
 * pixel is decoded. No compositing, no premultiplication, no colour management; 16-bit samples give their high byte.
 * Animations give their first frame, a TIFF its first page. Files that the reference libraries read with a warning are
 * read; pixels that are missing are an error. docs/pictures.md lists formats, limits and how masks are read.
 */
public final class PictureReader {
    private final PictureLimits limits;
    private final boolean upright;

    /** A reader of pictures as stored. */
    public PictureReader(PictureLimits limits) {
        this(limits, false);
    }

    private PictureReader(PictureLimits limits, boolean upright) {
        this.limits = Objects.requireNonNull(limits);
        this.upright = upright;
    }

    /**
     * The same reader, but pictures and masks are turned as their EXIF or TIFF orientation says, so that rows and columns
     * are those that viewers show.
     */
    public PictureReader upright() {
        return new PictureReader(limits, true);
    }

    /**
     * Decodes one picture. Its alpha, if it has any, is {@link Picture#mask()}.
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
     * Decodes a mask picture: what is not 0 is inside, with the exceptions of palettes and alpha in the table of
     * docs/pictures.md. The mask may be empty.
     *
     * @param encoded the whole file; not changed
     * @throws PictureException if the picture is refused, with the reason: lossy formats, or two readings that contradict
     *     each other
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
            // Decoders meet broken data with whatever breaks first: an index out of bounds, a negative size.
            throw new PictureException(
                    PictureException.Reason.MALFORMED, "The " + format + " picture cannot be decoded", e);
        }
    }
}
