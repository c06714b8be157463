package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;
import static io.github.describeanything.focal.PictureException.Reason.UNSUPPORTED;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Decodes a BMP of 1, 2, 4, 8, 16, 24 or 32 bits per pixel, with run lengths and bit fields (Microsoft's
 * BITMAPINFOHEADER to BITMAPV5HEADER). Not thread-safe.
 *
 * <p>Alpha needs a bit mask in the header, as in Pillow and GDI: the fourth byte of plain 32-bit files is padding.
 */
final class Bmp {
    private static final int FILE_HEADER = 14;
    private static final int PLAIN = 0;
    private static final int RUNS_OF_8 = 1;
    private static final int RUNS_OF_4 = 2;
    private static final int BIT_FIELDS = 3;
    private static final int ALPHA_BIT_FIELDS = 6;

    private final ByteBuffer file;
    private final int headerSize;
    private final int width;
    private final int height;
    private final boolean topDown;
    private final int depth;
    private final int compression;

    private Bmp(byte[] encoded, PictureLimits limits) {
        file = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
        headerSize = file.getInt(FILE_HEADER);
        boolean old = headerSize == 12;
        if (!old && (headerSize < 40 || headerSize > 124)) {
            throw new PictureException(UNSUPPORTED, "The BMP's header has an unknown length");
        }
        long rows = old ? file.getShort(20) & 0xFFFF : file.getInt(22);
        topDown = rows < 0;
        long columns = old ? file.getShort(18) & 0xFFFF : file.getInt(18);
        limits.check(columns, Math.abs(rows));
        width = (int) columns;
        height = (int) Math.abs(rows);
        depth = file.getShort(old ? 24 : 28);
        compression = old ? PLAIN : file.getInt(30);
    }

    static Decoded decode(byte[] encoded, PictureLimits limits, Samples samples) {
        var bmp = new Bmp(encoded, limits);
        boolean runs = bmp.depth == 8 && bmp.compression == RUNS_OF_8 || bmp.depth == 4 && bmp.compression == RUNS_OF_4;
        boolean fields = bmp.compression == BIT_FIELDS || bmp.compression == ALPHA_BIT_FIELDS;
        return switch (bmp.depth) {
            case 1, 2, 4, 8 -> {
                if (bmp.compression != PLAIN && !runs) {
                    throw unsupported();
                }
                yield bmp.indexed(runs);
            }
            case 16, 24, 32 -> {
                if (bmp.compression != PLAIN && !fields) {
                    throw unsupported();
                }
                yield bmp.direct(fields, samples);
            }
            default -> throw unsupported();
        };
    }

    private static PictureException unsupported() {
        return new PictureException(
                UNSUPPORTED, "The BMP's depth or compression is not supported: send it uncompressed, or as PNG");
    }

    private Decoded indexed(boolean runs) {
        int entryBytes = headerSize == 12 ? 3 : 4;
        int start = FILE_HEADER + headerSize;
        int declared = headerSize == 12 ? 0 : file.getInt(46);
        int room = Math.max(0, (file.getInt(10) - start) / entryBytes);
        int most = 1 << depth;
        int colours = Math.min(Math.min(declared > 0 ? declared : most, most), room);
        var argb = new int[256];
        Arrays.fill(argb, Decoded.Indexed.OPAQUE_BLACK);
        for (int entry = 0; entry < colours; entry++) {
            int at = start + entry * entryBytes;
            argb[entry] |= (file.get(at + 2) & 0xFF) << 16 | (file.get(at + 1) & 0xFF) << 8 | file.get(at) & 0xFF;
        }
        var entries = new byte[width * height];
        file.position(file.getInt(10));
        if (runs) {
            new BmpRuns(file, width, height, depth == 4).read(entries, topDown);
        } else {
            for (int row = 0; row < height; row++) {
                int from = row(row);
                int to = (topDown ? row : height - 1 - row) * width;
                for (int x = 0; x < width; x++) {
                    int bit = x * depth;
                    int shift = 8 - depth - bit % 8;
                    entries[to + x] = (byte) (file.get(from + bit / 8) >> shift & (1 << depth) - 1);
                }
            }
        }
        return new Decoded.Indexed(width, height, entries, argb, false, false);
    }

    private Decoded direct(boolean fields, Samples samples) {
        int[] masks = masks(fields);
        var rgba = new byte[4 * width * height];
        int bytes = depth / 8;
        for (int row = 0; row < height; row++) {
            int from = row(row);
            int to = 4 * (topDown ? row : height - 1 - row) * width;
            for (int x = 0; x < width; x++, from += bytes, to += 4) {
                int pixel = bytes == 2
                        ? file.getShort(from)
                        : bytes == 4 ? file.getInt(from) : file.getShort(from) & 0xFFFF | file.get(from + 2) << 16;
                for (int i = 0; i < 4; i++) {
                    rgba[to + i] = i == 3 && masks[3] == 0 ? (byte) 255 : sample(pixel, masks[i], samples);
                }
            }
        }
        return new Decoded.Direct(new Picture(width, height, rgba, masks[3] != 0));
    }

    /** The bit masks of red, green, blue and alpha. */
    private int[] masks(boolean fields) {
        if (!fields) {
            return depth == 16 ? new int[] {0x7C00, 0x3E0, 0x1F, 0} : new int[] {0xFF0000, 0xFF00, 0xFF, 0};
        }
        // They follow a header of 40 bytes and are part of a longer one, at the same offset.
        int at = FILE_HEADER + 40;
        boolean alpha = headerSize >= 56 || compression == ALPHA_BIT_FIELDS;
        int[] masks = {file.getInt(at), file.getInt(at + 4), file.getInt(at + 8), alpha ? file.getInt(at + 12) : 0};
        boolean empty = (masks[0] | masks[1] | masks[2] | masks[3]) == 0;
        if (empty && depth == 32) {
            return new int[] {0xFF0000, 0xFF00, 0xFF, 0xFF000000};
        }
        for (int mask : masks) {
            int run = mask >>> Integer.numberOfTrailingZeros(mask);
            if (mask != 0 && (run & run + 1) != 0) {
                throw new PictureException(MALFORMED, "The BMP's bit fields have gaps");
            }
        }
        return masks;
    }

    private static byte sample(int pixel, int mask, Samples wanted) {
        if (mask == 0) {
            return 0;
        }
        int shift = Integer.numberOfTrailingZeros(mask);
        long most = Integer.toUnsignedLong(mask >>> shift);
        long value = Integer.toUnsignedLong((pixel & mask) >>> shift);
        return wanted == Samples.PRESENCE ? value == 0 ? 0 : (byte) 255 : (byte) (value * 255 / most);
    }

    /** The offset of a stored row; rows are padded to four bytes. */
    private int row(int row) {
        long rowBytes = ((long) width * depth + 31) / 32 * 4;
        long start = file.getInt(10) + row * rowBytes;
        if (start < FILE_HEADER || start + ((long) width * depth + 7) / 8 > file.capacity()) {
            throw new PictureException(MALFORMED, "The BMP is truncated: pixels are missing");
        }
        return (int) start;
    }
}
