package io.github.describeanything.focal.codec;

/**
 * Converts components to RGBA, to the same values as libjpeg and Pillow's {@code convert("RGB")}. Stateless.
 *
 * <p>CMYK is read as ideal inks, as Pillow does, and browsers if there is no colour profile.
 */
final class JpegColours {
    private static final int HALF = 1 << 15;

    private JpegColours() {}

    /** @param components interleaved, one byte per component */
    static byte[] rgba(byte[] components, int count, JpegSegments.Colours colours) {
        var rgba = new byte[components.length / count * 4];
        for (int from = 0, to = 0; to < rgba.length; from += count, to += 4) {
            int first = components[from] & 0xFF;
            if (count == 1) {
                set(rgba, to, first, first, first);
                continue;
            }
            int second = components[from + 1] & 0xFF;
            int third = components[from + 2] & 0xFF;
            int fourth = count == 4 ? components[from + 3] & 0xFF : 0;
            switch (colours) {
                case YCBCR -> set(rgba, to, red(first, third), green(first, second, third), blue(first, second));
                case INVERTED_CMYK -> ink(rgba, to, 255 - first, 255 - second, 255 - third, 255 - fourth);
                // The first three are YCbCr of the inks' complements, inverted twice.
                case INVERTED_YCCK ->
                    ink(rgba, to, red(first, third), green(first, second, third), blue(first, second), 255 - fourth);
                default -> set(rgba, to, first, second, third);
            }
        }
        return rgba;
    }

    /** Writes a pixel from amounts of ink, 0 to 255, in the integer arithmetic of Pillow's {@code cmyk2rgb}. */
    static void ink(byte[] rgba, int to, int cyan, int magenta, int yellow, int black) {
        int white = 255 - black;
        set(
                rgba,
                to,
                Math.clamp(white - times(cyan, white), 0, 255),
                Math.clamp(white - times(magenta, white), 0, 255),
                Math.clamp(white - times(yellow, white), 0, 255));
    }

    /** {@code a * b / 255}, rounded. */
    private static int times(int a, int b) {
        int product = a * b + 128;
        return (product >> 8) + product >> 8;
    }

    private static void set(byte[] rgba, int to, int red, int green, int blue) {
        rgba[to] = (byte) red;
        rgba[to + 1] = (byte) green;
        rgba[to + 2] = (byte) blue;
        rgba[to + 3] = (byte) 255;
    }

    // JFIF's factors scaled by 65,536, rounded as in libjpeg's tables.

    static int red(int y, int cr) {
        return Math.clamp(y + (91881 * (cr - 128) + HALF >> 16), 0, 255);
    }

    static int green(int y, int cb, int cr) {
        return Math.clamp(y + (-22554 * (cb - 128) - 46802 * (cr - 128) + HALF >> 16), 0, 255);
    }

    static int blue(int y, int cb) {
        return Math.clamp(y + (116130 * (cb - 128) + HALF >> 16), 0, 255);
    }
}
