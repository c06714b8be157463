package io.github.describeanything.focal;

import java.util.Objects;

/**
 * Decodes PNG, JPEG, WebP and TIFF into straight RGBA exactly as stored: no compositing, no premultiplication, no colour
 * management, no rotation by EXIF. Thread-safe.
 *
 * <p>A picture's first bytes choose the decoder, never its name or media type, and its size is checked against the
 * limits before a pixel is decoded. An APNG gives its default image; animated WebP is refused; of a TIFF with several
 * pages the first is read. JPEG never has a mask. Lossless formats give their exact bytes, 16-bit samples their high byte;
 * lossy WebP has libwebp's brightness within a level or two, but other colours at saturated edges, since its chroma is
 * enlarged by repeating pixels.
 */
public final class PictureReader {
    private final PictureLimits limits;

    public PictureReader(PictureLimits limits) {
        this.limits = Objects.requireNonNull(limits);
    }

    /**
     * Decodes one picture.
     *
     * @param encoded the whole file; not changed
     * @throws PictureException where it is refused, and why
     */
    public Picture read(byte[] encoded) {
        return read(encoded, Samples.COLOURS);
    }

    /**
     * Decodes a mask picture: inside is what is not 0, whatever its depth, and of a palette every entry but the first;
     * where there is an alpha channel, pixels of alpha 0 are outside. Lossy formats are refused.
     *
     * @param encoded the whole file; not changed
     * @throws PictureException where it is refused, and why
     */
    public Mask readMask(byte[] encoded) {
        return Mask.ofPresence(read(encoded, Samples.PRESENCE));
    }

    private Picture read(byte[] encoded, Samples samples) {
        Format format = Format.of(encoded);
        try {
            return format.decode(encoded, limits, samples);
        } catch (PictureException e) {
            throw e;
        } catch (RuntimeException e) {
            // Decoders meet broken data with whatever breaks first: an index out of bounds, a negative size.
            throw new PictureException(
                    PictureException.Reason.MALFORMED, "The " + format + " picture cannot be decoded", e);
        }
    }
}
