package io.github.describeanything.focal.codec;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;
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
        Picture picture = read(encoded, Samples.PRESENCE);
        var bits = new java.util.BitSet();
        byte[] rgba = picture.rgba();
        for (int at = 0; at < rgba.length; at += 4) {
            bits.set(at / 4, rgba[at + 3] != 0 && (rgba[at] | rgba[at + 1] | rgba[at + 2]) != 0);
        }
        return Mask.of(picture.width(), picture.height(), bits);
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
