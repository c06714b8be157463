package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;

import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Decodes the first frame of a GIF (GIF89a specification). Not thread-safe.
 *
 * <p>The JDK's reader is not used because it silently accepts truncated pixels. Pixels of the screen outside the frame
 * are transparent, or entry 0 of the palette if no entry is transparent, as in Pillow.
 */
final class Gif {
    private static final int IMAGE = 0x2C;
    private static final int EXTENSION = 0x21;
    private static final int GRAPHIC_CONTROL = 0xF9;
    private static final int TRAILER = 0x3B;
    /** First row and row step of each interlace pass. */
    private static final int[][] PASSES = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};

    private final ByteBuffer file;
    private int[] palette = {};
    private int transparent = -1;

    private Gif(byte[] encoded) {
        file = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
    }

    static Decoded decode(byte[] encoded, PictureLimits limits, Samples samples) {
        var gif = new Gif(encoded);
        gif.file.position(6);
        int width = gif.unsignedShort();
        int height = gif.unsignedShort();
        int flags = gif.file.get();
        gif.file.getShort();
        gif.readPalette(flags);
        gif.findFrame();
        return gif.frame(width, height, limits);
    }

    /** Skips to the first frame, reading only its transparency. */
    private void findFrame() {
        while (true) {
            int block = file.get() & 0xFF;
            if (block == IMAGE) {
                return;
            }
            if (block == TRAILER) {
                throw new PictureException(MALFORMED, "The GIF has no frame");
            }
            if (block == EXTENSION) {
                if ((file.get() & 0xFF) == GRAPHIC_CONTROL && file.get(file.position()) >= 4) {
                    boolean has = (file.get(file.position() + 1) & 1) != 0;
                    transparent = has ? file.get(file.position() + 4) & 0xFF : -1;
                }
                for (int length = file.get() & 0xFF; length > 0; length = file.get() & 0xFF) {
                    file.position(file.position() + length);
                }
            }
        }
    }

    private Decoded frame(int screenWidth, int screenHeight, PictureLimits limits) {
        int left = unsignedShort();
        int top = unsignedShort();
        int frameWidth = unsignedShort();
        int frameHeight = unsignedShort();
        int flags = file.get();
        // A frame that extends beyond the screen enlarges the picture.
        int width = Math.max(screenWidth, left + frameWidth);
        int height = Math.max(screenHeight, top + frameHeight);
        limits.check(width, height);
        limits.check(frameWidth, frameHeight);
        readPalette(flags);
        var entries = new byte[width * height];
        Arrays.fill(entries, (byte) Math.max(transparent, 0));
        var pixels = new GifPixels(file);
        boolean interlaced = (flags & 0x40) != 0;
        for (int[] pass : interlaced ? PASSES : new int[][] {{0, 1}}) {
            for (int y = pass[0]; y < frameHeight; y += pass[1]) {
                pixels.read(entries, (top + y) * width + left, frameWidth);
            }
        }
        var argb = new int[256];
        Arrays.fill(argb, Decoded.Indexed.OPAQUE_BLACK);
        for (int entry = 0; entry < argb.length; entry++) {
            int gray = entry * 0x010101;
            int colour = palette.length == 0 ? gray : entry < palette.length ? palette[entry] : 0;
            argb[entry] = colour | (entry == transparent ? 0 : Decoded.Indexed.OPAQUE_BLACK);
        }
        return new Decoded.Indexed(width, height, entries, argb, transparent >= 0, false);
    }

    /** Reads a palette if the flags announce one; it replaces an earlier one. */
    private void readPalette(int flags) {
        if ((flags & 0x80) == 0) {
            return;
        }
        palette = new int[2 << (flags & 7)];
        for (int entry = 0; entry < palette.length; entry++) {
            palette[entry] = (file.get() & 0xFF) << 16 | (file.get() & 0xFF) << 8 | file.get() & 0xFF;
        }
    }

    private int unsignedShort() {
        return file.getShort() & 0xFFFF;
    }
}
