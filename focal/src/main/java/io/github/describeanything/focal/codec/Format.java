package io.github.describeanything.focal.codec;

import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;
import java.util.function.Function;

/** The supported formats, detected by their first bytes. Immutable and thread-safe. */
enum Format {
    PNG(Png::decode, Png::orientation, "\u0089PNG\r\n\u001a\n"),
    JPEG(Jpeg::decode, Jpeg::orientation, "\u00ff\u00d8\u00ff"),
    WEBP(Webp::decode, Webp::orientation, "RIFF????WEBP"),
    TIFF(Tiff::decode, Tiff::orientation, "II*\0", "MM\0*", "II+\0", "MM\0+"),
    GIF(Gif::decode, encoded -> Orientation.TOP_LEFT, "GIF87a", "GIF89a"),
    BMP(Bmp::decode, encoded -> Orientation.TOP_LEFT, "BM????\0\0\0\0", "BM????????????(\0\0\0");

    private final Decoder decoder;
    private final Function<byte[], Orientation> orientation;
    /** The format's signatures; a question mark matches any byte. */
    private final String[] starts;

    Format(Decoder decoder, Function<byte[], Orientation> orientation, String... starts) {
        this.decoder = decoder;
        this.orientation = orientation;
        this.starts = starts;
    }

    private interface Decoder {
        Decoded decode(byte[] encoded, PictureLimits limits, Samples samples);
    }

    Decoded decode(byte[] encoded, PictureLimits limits, Samples samples) {
        return decoder.decode(encoded, limits, samples);
    }

    /** The orientation that a file of this format asks for. */
    Orientation orientation(byte[] encoded) {
        return orientation.apply(encoded);
    }

    /** Detects the format. @throws PictureException if no decoder here reads it */
    static Format of(byte[] bytes) {
        for (Format format : values()) {
            for (String start : format.starts) {
                if (startsWith(bytes, start)) {
                    return format;
                }
            }
        }
        throw new PictureException(
                PictureException.Reason.UNSUPPORTED,
                bytes.length == 0 ? "The picture is empty" : "The picture is not a PNG, JPEG, WebP, TIFF, GIF or BMP");
    }

    private static boolean startsWith(byte[] bytes, String start) {
        if (bytes.length < start.length()) {
            return false;
        }
        for (int i = 0; i < start.length(); i++) {
            if (start.charAt(i) != '?' && (bytes[i] & 0xFF) != start.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
