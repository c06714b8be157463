package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;

/**
 * Decodes one PNG to straight RGBA, byte for byte as stored (W3C PNG, sections 7 to 9). Not thread-safe.
 *
 * <p>The JDK's reader is not used: it reads gray through a colour space that changes its values, inflates text and
 * profiles of any size, and reports a broken file by whatever exception it runs into.
 */
final class Png {
    /** Adam7: first column, first row, column step, row step of each pass. */
    private static final int[][] PASSES = {
        {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
    };

    private static final int[][] WHOLE = {{0, 0, 1, 1}};

    private final PngHeader header;
    private final PngPixels pixels;
    private final byte[] rgba;

    private Png(PngChunks chunks, Samples samples) {
        header = chunks.header();
        pixels = PngPixels.of(chunks, samples);
        rgba = new byte[4 * header.width() * header.height()];
    }

    static Picture decode(byte[] encoded, PictureLimits limits, Samples samples) {
        var chunks = PngChunks.of(encoded, limits);
        var png = new Png(chunks, samples);
        try (var inflater = new PngInflater(chunks.data())) {
            for (int[] pass : png.header.interlaced() ? PASSES : WHOLE) {
                png.pass(inflater, pass[0], pass[1], pass[2], pass[3]);
            }
        }
        return new Picture(png.header.width(), png.header.height(), png.rgba, png.pixels.hasAlpha());
    }

    private void pass(PngInflater inflater, int left, int top, int across, int down) {
        int columns = (header.width() - left + across - 1) / across;
        if (columns <= 0) {
            return;
        }
        int length = header.rowBytes(columns);
        // The filter byte comes first; the row above the first is all zeros.
        var row = new byte[1 + length];
        var above = new byte[1 + length];
        for (int y = top; y < header.height(); y += down) {
            inflater.fill(row, 1 + length);
            unfilter(row, above, header.pixelBytes());
            pixels.expand(row, columns, rgba, 4 * (y * header.width() + left), 4 * across);
            var swap = above;
            above = row;
            row = swap;
        }
    }

    private static void unfilter(byte[] row, byte[] above, int back) {
        switch (row[0]) {
            case 0 -> {}
            case 1 -> {
                for (int i = 1 + back; i < row.length; i++) {
                    row[i] += row[i - back];
                }
            }
            case 2 -> {
                for (int i = 1; i < row.length; i++) {
                    row[i] += above[i];
                }
            }
            case 3 -> {
                for (int i = 1; i < row.length; i++) {
                    int left = i > back ? row[i - back] & 0xFF : 0;
                    row[i] += (byte) ((left + (above[i] & 0xFF)) / 2);
                }
            }
            case 4 -> {
                for (int i = 1; i < row.length; i++) {
                    int left = i > back ? row[i - back] & 0xFF : 0;
                    int corner = i > back ? above[i - back] & 0xFF : 0;
                    row[i] += (byte) paeth(left, above[i] & 0xFF, corner);
                }
            }
            default -> throw new PictureException(MALFORMED, "The PNG uses a filter that PNG does not have");
        }
    }

    private static int paeth(int left, int above, int corner) {
        int estimate = left + above - corner;
        int toLeft = Math.abs(estimate - left);
        int toAbove = Math.abs(estimate - above);
        int toCorner = Math.abs(estimate - corner);
        if (toLeft <= toAbove && toLeft <= toCorner) {
            return left;
        }
        return toAbove <= toCorner ? above : corner;
    }
}
