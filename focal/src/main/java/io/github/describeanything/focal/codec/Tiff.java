package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;
import static io.github.describeanything.focal.PictureException.Reason.UNSUPPORTED;

import com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi;
import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.TreeMap;

/**
 * Decodes the first page of a gray, palette or RGB TIFF, uncompressed or packed without loss. Not thread-safe.
 *
 * <p>The decoder is given a directory with only the entries that say what the pixels are, each checked to lie inside the
 * file: no profile, EXIF, other page or oversized tile is ever followed.
 */
final class Tiff {
    private static final int WIDTH = 256;
    private static final int HEIGHT = 257;
    private static final int BITS = 258;
    private static final int COMPRESSION = 259;
    private static final int PHOTOMETRIC = 262;
    private static final int FILL_ORDER = 266;
    private static final int STRIP_OFFSETS = 273;
    private static final int SAMPLES = 277;
    private static final int ROWS_A_STRIP = 278;
    private static final int STRIP_BYTES = 279;
    private static final int PLANAR = 284;
    private static final int PREDICTOR = 317;
    private static final int COLOUR_MAP = 320;
    private static final int TILE_WIDTH = 322;
    private static final int TILE_HEIGHT = 323;
    private static final int TILE_OFFSETS = 324;
    private static final int TILE_BYTES = 325;
    private static final int EXTRA_SAMPLES = 338;
    private static final int SAMPLE_FORMAT = 339;
    private static final int[] KEPT = {
        WIDTH,
        HEIGHT,
        BITS,
        COMPRESSION,
        PHOTOMETRIC,
        FILL_ORDER,
        STRIP_OFFSETS,
        SAMPLES,
        ROWS_A_STRIP,
        STRIP_BYTES,
        PLANAR,
        PREDICTOR,
        COLOUR_MAP,
        TILE_WIDTH,
        TILE_HEIGHT,
        TILE_OFFSETS,
        TILE_BYTES,
        EXTRA_SAMPLES,
        SAMPLE_FORMAT
    };

    private static final int SHORT = 3;
    private static final int LONG = 4;
    private static final int WHITE_IS_ZERO = 0;
    private static final int PALETTE = 3;

    private final ByteBuffer file;
    /** Where each entry that is kept lies, by its tag. */
    private final TreeMap<Integer, Integer> entries = new TreeMap<>();

    private Tiff(byte[] encoded) {
        file = ByteBuffer.wrap(encoded).order(encoded[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        int start = file.getInt(4);
        if (start < 8 || start > encoded.length - 2) {
            throw new PictureException(MALFORMED, "The TIFF ends before its directory");
        }
        int count = file.getShort(start) & 0xFFFF;
        if (start + 2 + 12L * count > encoded.length) {
            throw new PictureException(MALFORMED, "The TIFF ends inside its directory");
        }
        for (int i = 0; i < count; i++) {
            int at = start + 2 + 12 * i;
            int tag = file.getShort(at) & 0xFFFF;
            if (Arrays.binarySearch(KEPT, tag) < 0) {
                continue;
            }
            int type = file.getShort(at + 2);
            long bytes = Integer.toUnsignedLong(file.getInt(at + 4)) * (type == SHORT ? 2 : 4);
            boolean inside = bytes <= 4 || Integer.toUnsignedLong(file.getInt(at + 8)) + bytes <= encoded.length;
            if (type != SHORT && type != LONG || bytes == 0 || !inside || entries.put(tag, at) != null) {
                throw new PictureException(MALFORMED, "The TIFF's directory is damaged");
            }
        }
    }

    static Picture decode(byte[] encoded, PictureLimits limits, Samples samples) {
        var tiff = new Tiff(encoded);
        long width = tiff.value(WIDTH, 0, 0);
        long height = tiff.value(HEIGHT, 0, 0);
        limits.check(width, height);
        boolean alpha = tiff.check(limits);
        return Rasters.read(
                new TIFFImageReaderSpi().createReaderInstance(null),
                new ByteArrayImageInputStream(tiff.filtered()),
                (int) width,
                (int) height,
                alpha,
                samples);
    }

    /** Refuses what would be decoded wrongly, and says whether the last sample is alpha. */
    private boolean check(PictureLimits limits) {
        if (entries.containsKey(TILE_WIDTH)) {
            checkTiles(limits);
        }
        long samples = value(SAMPLES, 0, 1);
        long photometric = value(PHOTOMETRIC, 0, -1);
        long colours = photometric == 2 ? 3 : 1;
        long extra = samples - colours;
        boolean packed = switch ((int) value(COMPRESSION, 0, 1)) {
            case 1, 5, 8, 32946, 32773 -> true; // none, LZW, Deflate twice, PackBits
            default -> false;
        };
        if (!packed || photometric < 0 || photometric > PALETTE || extra < 0 || extra > 1) {
            throw new PictureException(
                    UNSUPPORTED,
                    "The TIFF is not gray, palette or RGB, packed by LZW, Deflate, PackBits or not at all");
        }
        long bits = value(BITS, 0, 1);
        for (int i = 1; i < samples; i++) {
            if (value(BITS, i, bits) != bits) {
                throw new PictureException(UNSUPPORTED, "The TIFF's samples differ in depth");
            }
        }
        boolean depth = bits == 8 || bits == 16 || bits == 1 && samples == 1;
        if (!depth || value(SAMPLE_FORMAT, 0, 1) != 1 || photometric == PALETTE && (bits != 8 || extra != 0)) {
            throw new PictureException(UNSUPPORTED, "The TIFF's samples are not whole numbers of 1, 8 or 16 bits");
        }
        // 2 is straight alpha, and so is what says nothing; 0 is a sample of no known meaning.
        long kind = value(EXTRA_SAMPLES, 0, 2);
        if (extra == 1 && kind == 1) {
            throw new PictureException(
                    UNSUPPORTED, "The TIFF's colours are premultiplied by its alpha: send it with straight alpha");
        }
        boolean alpha = extra == 1 && kind == 2;
        if (alpha && photometric == WHITE_IS_ZERO) {
            // The decoder turns all samples around, alpha too.
            throw new PictureException(UNSUPPORTED, "The TIFF has alpha beside gray whose 0 is white: make 0 black");
        }
        return alpha;
    }

    /** Tiles are decoded whole, also what of them lies outside the picture. */
    private void checkTiles(PictureLimits limits) {
        long width = value(TILE_WIDTH, 0, 0);
        long height = value(TILE_HEIGHT, 0, 0);
        limits.check(width, height);
        long across = Math.ceilDiv(value(WIDTH, 0, 0), width) * width;
        long down = Math.ceilDiv(value(HEIGHT, 0, 0), height) * height;
        if (across * down > 2 * limits.maxPixels()) {
            throw new PictureException(
                    PictureException.Reason.TOO_LARGE, "The TIFF's tiles are far larger than its picture");
        }
    }

    /** Number {@code index} of an entry, or {@code otherwise} where it has none. */
    private long value(int tag, int index, long otherwise) {
        Integer at = entries.get(tag);
        if (at == null || Integer.toUnsignedLong(file.getInt(at + 4)) <= index) {
            return otherwise;
        }
        int bytes = file.getShort(at + 2) == SHORT ? 2 : 4;
        boolean inline = Integer.toUnsignedLong(file.getInt(at + 4)) * bytes <= 4;
        int from = (inline ? at + 8 : file.getInt(at + 8)) + index * bytes;
        return bytes == 2 ? file.getShort(from) & 0xFFFF : Integer.toUnsignedLong(file.getInt(from));
    }

    /** The file with a directory of the kept entries at its end, and no other. */
    private byte[] filtered() {
        int start = file.capacity() + (file.capacity() & 1);
        var whole = ByteBuffer.allocate(start + 2 + 12 * entries.size() + 4).order(file.order());
        whole.put(0, file, 0, file.capacity()).putInt(4, start);
        whole.position(start).putShort((short) entries.size());
        for (int at : entries.values()) {
            whole.put(file.slice(at, 12));
        }
        return whole.array();
    }
}
