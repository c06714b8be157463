package io.github.describeanything.focal.codec;

import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;

/** The supported formats, detected by their first bytes. Immutable and thread-safe. */
enum Format {
    PNG("\u0089PNG\r\n\u001a\n"),
    JPEG("\u00ff\u00d8\u00ff"),
    WEBP("RIFF????WEBP"),
    TIFF("II*\0", "MM\0*", "II+\0", "MM\0+"),
    GIF("GIF87a", "GIF89a"),
    BMP("BM????\0\0\0\0", "BM????????????(\0\0\0");

    /** The format's signatures; a question mark matches any byte. */
    private final String[] starts;

    Format(String... starts) {
        this.starts = starts;
    }

    Decoded decode(byte[] encoded, PictureLimits limits, Samples samples) {
        return switch (this) {
            case PNG -> Png.decode(encoded, limits, samples);
            case JPEG -> Jpeg.decode(encoded, limits, samples);
            case WEBP -> Webp.decode(encoded, limits, samples);
            case TIFF -> Tiff.decode(encoded, limits, samples);
            case GIF -> Gif.decode(encoded, limits, samples);
            case BMP -> Bmp.decode(encoded, limits, samples);
        };
    }

    /** The orientation that a file of this format asks for. */
    Orientation orientation(byte[] encoded) {
        return switch (this) {
            case PNG -> Png.orientation(encoded);
            case JPEG -> Jpeg.orientation(encoded);
            case WEBP -> Webp.orientation(encoded);
            case TIFF -> Tiff.orientation(encoded);
            case GIF, BMP -> Orientation.TOP_LEFT;
        };
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
