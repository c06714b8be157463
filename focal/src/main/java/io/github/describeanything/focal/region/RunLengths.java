package io.github.describeanything.focal.region;

import io.github.describeanything.focal.Mask;
import java.util.Arrays;

/**
 * COCO's run lengths: column by column from the left, alternating outside and inside. Immutable as long as no caller
 * writes to its array, and thread-safe.
 *
 * @param height of the picture that they were made for
 * @param width of the picture that they were made for
 * @param counts pixels of each run, the first outside; together {@code height * width}
 */
public record RunLengths(int height, int width, int[] counts) implements Region {
    private static final String FIELD = "rle.counts";
    /** Seven groups of five bits can hold any count. */
    private static final int MAX_GROUPS = 7;

    /** Reads COCO's compressed form. @throws RegionException if it is malformed */
    public static RunLengths ofString(int height, int width, String counts) {
        return new RunLengths(height, width, decode(counts));
    }

    /** The run lengths of a mask. */
    public static RunLengths of(Mask mask) {
        var counts = new int[16];
        int count = 0;
        boolean inside = false;
        int run = 0;
        for (int x = 0; x < mask.width(); x++) {
            for (int pixel = x; pixel < mask.width() * mask.height(); pixel += mask.width()) {
                if (mask.get(pixel) != inside) {
                    counts = count + 2 > counts.length ? Arrays.copyOf(counts, 2 * counts.length) : counts;
                    counts[count++] = run;
                    inside = !inside;
                    run = 0;
                }
                run++;
            }
        }
        counts[count++] = run;
        return new RunLengths(mask.height(), mask.width(), Arrays.copyOf(counts, count));
    }

    /** The counts in COCO's compressed form, the inverse of {@link #ofString}. */
    public String compressed() {
        var text = new StringBuilder();
        for (int i = 0; i < counts.length; i++) {
            long rest = i > 2 ? (long) counts[i] - counts[i - 2] : counts[i];
            boolean more = true;
            while (more) {
                long group = rest & 0x1F;
                rest >>= 5;
                more = (group & 0x10) != 0 ? rest != -1 : rest != 0;
                text.append((char) ('0' + (more ? group | 0x20 : group)));
            }
        }
        return text.toString();
    }

    @Override
    public Mask rasterise(int pictureWidth, int pictureHeight) {
        if (height != pictureHeight || width != pictureWidth) {
            throw new RegionException(
                    "rle.size",
                    "The size is [height, width] = [" + height + ", " + width + "], but the picture is " + pictureHeight
                            + " high and " + pictureWidth + " wide");
        }
        var canvas = new Canvas(width, height);
        long pixels = (long) width * height;
        long at = 0;
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] < 0 || at + counts[i] > pixels) {
                throw new RegionException(
                        FIELD + "[" + i + "]", "The counts do not sum to the picture's " + pixels + " pixels");
            }
            if (i % 2 == 1) {
                canvas.columnMajor(at, at + counts[i]);
            }
            at += counts[i];
        }
        if (at != pixels) {
            throw new RegionException(
                    FIELD, "The counts sum to " + at + ", not to the picture's " + pixels + " pixels");
        }
        return canvas.mask("rle");
    }

    @Override
    public Region ofFractions(int pictureWidth, int pictureHeight) {
        throw new RegionException("unit", "Run lengths are in pixels: omit unit");
    }

    /**
     * Reads the compressed form (pycocotools, {@code rleFrString}): groups of five bits above '0', least significant
     * first; bit 5 means that more follow, bit 4 of the last one is the sign. From the fourth count on, it is the
     * difference to the count two before.
     */
    private static int[] decode(String text) {
        var counts = new int[text.length()];
        int count = 0;
        for (int at = 0; at < text.length(); count++) {
            long value = 0;
            int groups = 0;
            int group;
            do {
                if (at == text.length() || groups == MAX_GROUPS) {
                    throw new RegionException(
                            FIELD, "The counts are not in COCO's compressed form: the last number is incomplete");
                }
                group = text.charAt(at++) - '0';
                if (group < 0 || group > 0x3F) {
                    throw new RegionException(FIELD, "The counts are not in COCO's compressed form: invalid character");
                }
                value |= (group & 0x1FL) << 5 * groups++;
            } while ((group & 0x20) != 0);
            if ((group & 0x10) != 0) {
                value |= -1L << 5 * groups;
            }
            if (count > 2) {
                value += counts[count - 2];
            }
            if (value < 0 || value > Integer.MAX_VALUE) {
                throw new RegionException(FIELD, "The counts are not in COCO's compressed form: negative count");
            }
            counts[count] = (int) value;
        }
        return Arrays.copyOf(counts, count);
    }
}
