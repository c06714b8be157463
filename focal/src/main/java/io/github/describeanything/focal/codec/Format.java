package io.github.describeanything.focal.codec;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;

/** The formats that are read, known by their first bytes; immutable and thread-safe. */
enum Format {
    PNG {
        @Override
        boolean starts(byte[] bytes) {
            return startsWith(bytes, 0, 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n');
        }

        @Override
        Picture decode(byte[] encoded, PictureLimits limits, Samples samples) {
            return Png.decode(encoded, limits, samples);
        }
    },
    JPEG {
        @Override
        boolean starts(byte[] bytes) {
            return startsWith(bytes, 0, 0xFF, 0xD8, 0xFF);
        }

        @Override
        Picture decode(byte[] encoded, PictureLimits limits, Samples samples) {
            return Jpeg.decode(encoded, limits, samples);
        }
    },
    WEBP {
        @Override
        boolean starts(byte[] bytes) {
            return startsWith(bytes, 0, 'R', 'I', 'F', 'F') && startsWith(bytes, 8, 'W', 'E', 'B', 'P');
        }

        @Override
        Picture decode(byte[] encoded, PictureLimits limits, Samples samples) {
            return Webp.decode(encoded, limits, samples);
        }
    },
    TIFF {
        @Override
        boolean starts(byte[] bytes) {
            return startsWith(bytes, 0, 'I', 'I', 42, 0) && bytes.length > 8
                    || startsWith(bytes, 0, 'M', 'M', 0, 42) && bytes.length > 8;
        }

        @Override
        Picture decode(byte[] encoded, PictureLimits limits, Samples samples) {
            return Tiff.decode(encoded, limits, samples);
        }
    };

    abstract boolean starts(byte[] bytes);

    abstract Picture decode(byte[] encoded, PictureLimits limits, Samples samples);

    /** The format of these bytes; refuses what no decoder here knows, so that none is ever tried. */
    static Format of(byte[] bytes) {
        for (Format format : values()) {
            if (format.starts(bytes)) {
                return format;
            }
        }
        throw new PictureException(
                PictureException.Reason.UNSUPPORTED,
                bytes.length == 0 ? "The picture is empty" : "The picture is not a PNG, JPEG, WebP or TIFF");
    }

    private static boolean startsWith(byte[] bytes, int offset, int... start) {
        if (bytes.length < offset + start.length) {
            return false;
        }
        for (int i = 0; i < start.length; i++) {
            if ((bytes[offset + i] & 0xFF) != start[i]) {
                return false;
            }
        }
        return true;
    }
}
