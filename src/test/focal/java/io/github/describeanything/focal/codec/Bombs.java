package io.github.describeanything.focal.codec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Small files that would take far too much memory or time to decode. */
final class Bombs {
    private static final int SIDE = 60_000;

    private Bombs() {}

    static byte[] of(String kind) {
        return switch (kind) {
            case "gif screen" -> gif(SIDE, 1);
            case "gif frame" -> gif(1, SIDE);
            case "bmp" -> bmp(24, 0);
            case "bmp runs" -> bmp(8, 1);
            case "big tiff" -> bigTiff();
            case "webp canvas" -> webpCanvas();
            case "jpeg in tiff" -> jpegTiff(jpegOf(SIDE));
            case "scans in tiff" -> jpegTiff(manyScans());
            default -> throw new IllegalArgumentException(kind);
        };
    }

    private static byte[] gif(int screen, int frame) {
        return little(64)
                .put("GIF89a".getBytes(StandardCharsets.US_ASCII))
                .putShort((short) screen)
                .putShort((short) screen)
                .put(new byte[] {0, 0, 0, 0x2C, 0, 0, 0, 0})
                .putShort((short) frame)
                .putShort((short) frame)
                .put(new byte[] {0, 2, 1, 0x44, 0, 0x3B})
                .array();
    }

    private static byte[] bmp(int depth, int compression) {
        return little(1100)
                .put(new byte[] {'B', 'M'})
                .putInt(1100)
                .putInt(0)
                .putInt(1078)
                .putInt(40)
                .putInt(SIDE)
                .putInt(SIDE)
                .putShort((short) 1)
                .putShort((short) depth)
                .putInt(compression)
                .array();
    }

    private static byte[] bigTiff() {
        var tiff = little(200).put(new byte[] {'I', 'I', 43, 0, 8, 0, 0, 0}).putLong(16);
        int[][] entries = {{256, SIDE}, {257, SIDE}, {258, 8}, {259, 8}, {262, 1}, {273, 100}, {277, 1}, {279, 50}};
        tiff.putLong(entries.length);
        for (int[] entry : entries) {
            tiff.putShort((short) entry[0]).putShort((short) 16).putLong(1).putLong(entry[1]);
        }
        return tiff.array();
    }

    private static byte[] webpCanvas() {
        byte[] webp = Fixtures.bytes("webp-animated-alpha-True.webp");
        ByteBuffer.wrap(webp)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(24, SIDE)
                .put(27, (byte) 0x60)
                .put(28, (byte) 0xEA);
        return webp;
    }

    private static byte[] jpegOf(int side) {
        byte[] jpeg = Fixtures.bytes("jpeg-gray.jpg");
        for (int i = 0; i < jpeg.length; i++) {
            if (jpeg[i] == (byte) 0xFF && jpeg[i + 1] == (byte) 0xC0) {
                ByteBuffer.wrap(jpeg).putShort(i + 5, (short) side).putShort(i + 7, (short) side);
                return jpeg;
            }
        }
        throw new AssertionError("no frame");
    }

    /** A gray JPEG with its scan repeated a hundred times. */
    private static byte[] manyScans() {
        byte[] jpeg = Fixtures.bytes("jpeg-gray.jpg");
        int scan = 0;
        while (jpeg[scan] != (byte) 0xFF || jpeg[scan + 1] != (byte) 0xDA) {
            scan++;
        }
        byte[] one = Arrays.copyOfRange(jpeg, scan, jpeg.length - 2);
        var all = ByteBuffer.allocate(scan + 100 * one.length + 2).put(jpeg, 0, scan);
        for (int i = 0; i < 100; i++) {
            all.put(one);
        }
        return all.put(jpeg, jpeg.length - 2, 2).array();
    }

    /** A gray TIFF of 48 x 40 whose one strip is a JPEG. */
    private static byte[] jpegTiff(byte[] jpeg) {
        return tiff(jpeg, new int[][] {
            {256, 48}, {257, 40}, {258, 8}, {259, 7}, {262, 1}, {273, 8}, {277, 1}, {278, 40}, {279, jpeg.length}
        });
    }

    /** One strip per row, each pointing to the whole file. */
    static byte[] overlappingStrips(int rows) {
        var places = little(8 * rows);
        for (int i = 0; i < rows; i++) {
            places.putInt(8);
        }
        for (int i = 0; i < rows; i++) {
            places.putInt(8 * rows);
        }
        int[][] entries = {
            {256, 9},
            {257, rows},
            {258, 8},
            {259, 32773},
            {262, 1},
            {273, 8, rows},
            {277, 1},
            {278, 1},
            {279, 8 + 4 * rows, rows}
        };
        return tiff(places.array(), entries);
    }

    /** A square picture of {@code side} pixels in tiles of {@code tile} pixels per side. */
    static byte[] tiles(int side, int tile) {
        return tiff(new byte[100], new int[][] {
            {256, side},
            {257, 2000},
            {258, 8},
            {259, 8},
            {262, 1},
            {277, 1},
            {322, tile},
            {323, tile},
            {324, 8},
            {325, 90}
        });
    }

    /** A TIFF with this body at byte 8 and these entries: tag, value and, if it is not 1, count. */
    private static byte[] tiff(byte[] body, int[][] entries) {
        var tiff = little(8 + body.length + 2 + 12 * entries.length + 4);
        tiff.put(new byte[] {'I', 'I', 42, 0}).putInt(8 + body.length).put(body);
        tiff.putShort((short) entries.length);
        for (int[] entry : entries) {
            tiff.putShort((short) entry[0]).putShort((short) 4);
            tiff.putInt(entry.length > 2 ? entry[2] : 1).putInt(entry[1]);
        }
        return tiff.array();
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
