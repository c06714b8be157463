package io.github.describeanything.focal.codec;

import io.github.describeanything.focal.Picture;

/**
 * The pixels of a file, converted as {@link Samples} says. Immutable as long as no caller writes to the arrays, and
 * thread-safe.
 */
sealed interface Decoded {
    /** The pixels as colours. */
    Picture picture();

    /** Direct colours. */
    record Direct(Picture picture) implements Decoded {}

    /**
     * Palette indices.
     *
     * @param entries palette indices, one byte per pixel, row by row from the top
     * @param argb 256 colours, alpha in the highest byte; entries beyond the file's palette are opaque black
     * @param alpha whether the file has alpha
     * @param samplesCount whether masks go by the samples and not by their colours, as in TIFF
     */
    record Indexed(int width, int height, byte[] entries, int[] argb, boolean alpha, boolean samplesCount)
            implements Decoded {
        static final int OPAQUE_BLACK = 0xFF << 24;

        public Indexed {
            if (argb.length != 256 || entries.length != width * height) {
                throw new IllegalArgumentException(argb.length + " colours, " + entries.length + " pixels");
            }
        }

        @Override
        public Picture picture() {
            var rgba = new byte[4 * entries.length];
            for (int i = 0; i < entries.length; i++) {
                int colour = argb[entries[i] & 0xFF];
                rgba[4 * i] = (byte) (colour >> 16);
                rgba[4 * i + 1] = (byte) (colour >> 8);
                rgba[4 * i + 2] = (byte) colour;
                rgba[4 * i + 3] = (byte) (colour >>> 24);
            }
            return new Picture(width, height, rgba, alpha);
        }
    }
}
