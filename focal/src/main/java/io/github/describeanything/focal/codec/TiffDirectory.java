package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;

import io.github.describeanything.focal.PictureException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.TreeMap;

/**
 * The first directory of a TIFF or BigTIFF: the entries that define its pixels, each checked to lie inside the file.
 * Not thread-safe. Pointers to profiles, EXIF and further pages are never followed.
 */
final class TiffDirectory {
    static final int WIDTH = 256;
    static final int HEIGHT = 257;
    static final int BITS = 258;
    static final int COMPRESSION = 259;
    static final int PHOTOMETRIC = 262;
    static final int FILL_ORDER = 266;
    static final int STRIP_OFFSETS = 273;
    static final int ORIENTATION = 274;
    static final int SAMPLES = 277;
    static final int ROWS_A_STRIP = 278;
    static final int STRIP_BYTES = 279;
    static final int PLANAR = 284;
    static final int T4_OPTIONS = 292;
    static final int T6_OPTIONS = 293;
    static final int PREDICTOR = 317;
    static final int COLOUR_MAP = 320;
    static final int TILE_WIDTH = 322;
    static final int TILE_HEIGHT = 323;
    static final int TILE_OFFSETS = 324;
    static final int TILE_BYTES = 325;
    static final int EXTRA_SAMPLES = 338;
    static final int SAMPLE_FORMAT = 339;
    static final int JPEG_TABLES = 347;

    private static final int BIG = 43;
    /** Bytes of a value of each supported type: BYTE, SHORT, LONG, UNDEFINED, LONG8. */
    private static final Map<Integer, Integer> TYPES = Map.of(1, 1, 3, 2, 4, 4, 7, 1, 16, 8);

    private record Entry(int type, int count, int at) {}

    private final ByteBuffer file;
    private final TreeMap<Integer, Entry> entries = new TreeMap<>();

    TiffDirectory(byte[] encoded) {
        file = ByteBuffer.wrap(encoded).order(encoded[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        boolean big = file.getShort(2) == BIG;
        long start = big ? file.getLong(8) : Integer.toUnsignedLong(file.getInt(4));
        int countBytes = big ? 8 : 2;
        int entryBytes = big ? 20 : 12;
        if (start < 8 || start > encoded.length - countBytes) {
            throw new PictureException(MALFORMED, "The TIFF is truncated before its directory");
        }
        long count = big ? file.getLong((int) start) : file.getShort((int) start) & 0xFFFF;
        if (count < 0 || count > (encoded.length - start - countBytes) / entryBytes) {
            throw new PictureException(MALFORMED, "The TIFF is truncated inside its directory");
        }
        for (int i = 0; i < count; i++) {
            readEntry((int) start + countBytes + entryBytes * i, big);
        }
    }

    private void readEntry(int at, boolean big) {
        int tag = file.getShort(at) & 0xFFFF;
        int type = file.getShort(at + 2) & 0xFFFF;
        if (tag < WIDTH || tag > JPEG_TABLES || !TYPES.containsKey(type)) {
            return;
        }
        long count = big ? file.getLong(at + 4) : Integer.toUnsignedLong(file.getInt(at + 4));
        if (count <= 0 || count > file.capacity()) {
            return;
        }
        long bytes = count * TYPES.getOrDefault(type, 1);
        int value = at + (big ? 12 : 8);
        long from = value;
        if (bytes > (big ? 8 : 4)) {
            from = big ? file.getLong(value) : Integer.toUnsignedLong(file.getInt(value));
        }
        if (from >= 8 && from <= file.capacity() - bytes) {
            // As in libtiff, the first entry of a tag wins.
            entries.putIfAbsent(tag, new Entry(type, (int) count, (int) from));
        }
    }

    ByteOrder order() {
        return file.order();
    }

    byte[] file() {
        return file.array();
    }

    boolean has(int tag) {
        return entries.containsKey(tag);
    }

    /** The number of values in an entry; 0 if there is no entry. */
    int count(int tag) {
        Entry entry = entries.get(tag);
        return entry == null ? 0 : entry.count;
    }

    /** An entry's first value. */
    long value(int tag, long otherwise) {
        return value(tag, 0, otherwise);
    }

    /** Value {@code index} of an entry, or {@code otherwise} if it has none. */
    long value(int tag, int index, long otherwise) {
        Entry entry = entries.get(tag);
        if (entry == null || entry.count <= index) {
            return otherwise;
        }
        return switch (entry.type) {
            case 1, 7 -> file.get(entry.at + index) & 0xFF;
            case 3 -> file.getShort(entry.at + 2 * index) & 0xFFFF;
            case 4 -> Integer.toUnsignedLong(file.getInt(entry.at + 4 * index));
            default -> file.getLong(entry.at + 8 * index);
        };
    }

    /** The bytes of an entry of type BYTE or UNDEFINED. */
    byte[] bytes(int tag) {
        var bytes = new byte[count(tag)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) value(tag, i, 0);
        }
        return bytes;
    }
}
