package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;
import static io.github.describeanything.focal.PictureException.Reason.TOO_LARGE;
import static io.github.describeanything.focal.PictureException.Reason.UNSUPPORTED;

import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;

/**
 * How a TIFF's samples are stored: their size, depth and number, and their strips or tiles. Immutable as long as no
 * caller writes to the arrays, and thread-safe.
 *
 * @param bits of each sample
 * @param format of each sample: 1 unsigned, 2 signed, 3 floating point
 * @param separate whether the samples are planar, each with its own strips or tiles
 * @param tileWidth of a tile, or of the picture
 * @param tileHeight of a tile or strip
 * @param offsets of the strips or tiles in the file
 * @param lengths of the strips or tiles in bytes
 */
record TiffLayout(
        int width,
        int height,
        int samples,
        int bits,
        int format,
        int compression,
        boolean separate,
        boolean tiled,
        int tileWidth,
        int tileHeight,
        int[] offsets,
        int[] lengths) {
    static final int JPEG = 7;
    private static final int PLAIN = 1;
    /** Pixels that tiles may have in total even if the picture is smaller. */
    private static final long SMALL = 1 << 22;
    /** As many as the smallest tiles that TIFF allows on the largest picture. */
    private static final int MAX_PARTS = 1 << 17;
    /** Fewer, since each part is a JPEG of its own. */
    private static final int MAX_JPEGS = 1 << 13;

    static TiffLayout of(TiffDirectory directory, PictureLimits limits) {
        long width = directory.value(TiffDirectory.WIDTH, 0);
        long height = directory.value(TiffDirectory.HEIGHT, 0);
        limits.check(width, height);
        long samples = directory.value(TiffDirectory.SAMPLES, 1);
        long bits = directory.value(TiffDirectory.BITS, 1);
        long format = directory.value(TiffDirectory.SAMPLE_FORMAT, 1);
        long compression = directory.value(TiffDirectory.COMPRESSION, 1);
        checkSamples(directory, samples, bits, format, compression);
        boolean tiled = directory.has(TiffDirectory.TILE_WIDTH);
        long tileWidth = tiled ? directory.value(TiffDirectory.TILE_WIDTH, 0) : width;
        long tileHeight = tiled
                ? directory.value(TiffDirectory.TILE_HEIGHT, 0)
                : Math.min(directory.value(TiffDirectory.ROWS_A_STRIP, height), height);
        limits.check(tileWidth, tileHeight);
        long across = Math.ceilDiv(width, tileWidth);
        long down = Math.ceilDiv(height, tileHeight);
        // Tiles are decoded whole, even where they extend beyond the picture.
        if (across * tileWidth * down * tileHeight > 4 * width * height + SMALL) {
            throw new PictureException(TOO_LARGE, "The TIFF's tiles are far larger than its picture");
        }
        boolean separate = samples > 1 && directory.value(TiffDirectory.PLANAR, 1) == 2;
        long parts = across * down * (separate ? samples : 1);
        if (parts > (compression == JPEG ? MAX_JPEGS : MAX_PARTS)) {
            throw new PictureException(TOO_LARGE, "The TIFF is cut into too many strips or tiles");
        }
        int[][] places = places(directory, tiled, (int) parts);
        if (compression == PLAIN) {
            long rowBits = tileWidth * bits * (separate ? 1 : samples);
            for (int part = 0; part < parts; part++) {
                long rows = tiled ? tileHeight : Math.min(tileHeight, height - part % down * tileHeight);
                places[1][part] = plainLength(directory, places[0][part], (rowBits + 7) / 8 * rows);
            }
        }
        return new TiffLayout(
                (int) width,
                (int) height,
                (int) samples,
                (int) bits,
                (int) format,
                (int) compression,
                separate,
                tiled,
                (int) tileWidth,
                (int) tileHeight,
                places[0],
                places[1]);
    }

    /** The length of uncompressed pixels follows from their number, whatever the file says. */
    private static int plainLength(TiffDirectory directory, int offset, long bytes) {
        if (bytes > directory.file().length - offset) {
            throw new PictureException(MALFORMED, "The TIFF is truncated: pixels are missing");
        }
        return (int) bytes;
    }

    private static void checkSamples(TiffDirectory directory, long samples, long bits, long format, long compression) {
        boolean known = switch ((int) compression) {
            case 1, 5, 8, 32946, 32773 -> true; // none, LZW, Deflate twice, PackBits
            case 2, 3, 4 -> bits == 1 && samples == 1; // CCITT
            case JPEG -> bits == 8;
            default -> false;
        };
        if (!known) {
            throw new PictureException(
                    UNSUPPORTED, "The TIFF is packed otherwise than by LZW, Deflate, PackBits, CCITT or JPEG");
        }
        for (int i = 1; i < samples && i < directory.count(TiffDirectory.BITS); i++) {
            if (directory.value(TiffDirectory.BITS, i, bits) != bits) {
                throw new PictureException(UNSUPPORTED, "The TIFF's samples differ in depth");
            }
        }
        boolean depth = switch ((int) bits) {
            case 1, 2, 4 -> samples == 1 && format == 1;
            case 8 -> samples <= 6 && format <= 2;
            case 10, 12, 14 -> samples == 1 && format == 1;
            case 16 -> samples <= 4 && format <= 2 || samples == 1 && format == 3;
            case 32 -> samples == 1;
            case 64 -> samples == 1 && format == 3;
            default -> false;
        };
        if (!depth || samples < 1 || format < 1 || format > 3) {
            throw new PictureException(
                    UNSUPPORTED, "The TIFF has %d samples of %d bits, which is not read".formatted(samples, bits));
        }
    }

    /** Offsets and lengths. Together they may not be much longer than the file, or it would be unpacked many times. */
    private static int[][] places(TiffDirectory directory, boolean tiled, int parts) {
        int offsetTag = tiled && directory.has(TiffDirectory.TILE_OFFSETS)
                ? TiffDirectory.TILE_OFFSETS
                : TiffDirectory.STRIP_OFFSETS;
        int lengthTag =
                tiled && directory.has(TiffDirectory.TILE_BYTES) ? TiffDirectory.TILE_BYTES : TiffDirectory.STRIP_BYTES;
        if (directory.count(offsetTag) < parts) {
            throw new PictureException(MALFORMED, "The TIFF's pixels are missing");
        }
        int end = directory.file().length;
        var places = new int[2][parts];
        long sum = 0;
        for (int i = 0; i < parts; i++) {
            long offset = directory.value(offsetTag, i, 0);
            if (offset < 8 || offset >= end) {
                throw new PictureException(MALFORMED, "The TIFF is truncated before its pixels");
            }
            long length = directory.value(lengthTag, i, 0);
            // Old writers leave the length of a single strip out.
            boolean rest = length == 0 && parts == 1;
            if (length > end - offset && directory.value(TiffDirectory.COMPRESSION, PLAIN) != PLAIN) {
                throw new PictureException(MALFORMED, "The TIFF is truncated: pixels are missing");
            }
            places[0][i] = (int) offset;
            places[1][i] = (int) (rest ? end - offset : Math.min(length, end - offset));
            sum += places[1][i];
        }
        if (sum > 4L * end) {
            throw new PictureException(MALFORMED, "The TIFF's strips or tiles overlap");
        }
        return places;
    }
}
