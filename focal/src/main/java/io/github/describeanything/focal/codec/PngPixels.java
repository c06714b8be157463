package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;

import io.github.describeanything.focal.PictureException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Expands a PNG's packed samples to RGBA, or to one palette index per pixel. 16-bit samples are cut to their high byte,
 * as in Pillow; fewer than 8 bits are scaled to 0..255. Immutable and thread-safe.
 */
final class PngPixels {
    private final PngHeader header;
    private final Samples wanted;
    /** The transparent colour, one number per sample; empty if there is none. */
    private final int[] transparent;

    private PngPixels(PngHeader header, Samples wanted, int[] transparent) {
        this.header = header;
        this.wanted = wanted;
        this.transparent = transparent;
    }

    static PngPixels of(PngChunks chunks, Samples wanted) {
        var header = chunks.header();
        var trns = chunks.transparency();
        return switch (header.colour()) {
            case PngHeader.GRAY, PngHeader.RGB -> new PngPixels(header, wanted, colour(trns, header));
            default -> new PngPixels(header, wanted, new int[0]);
        };
    }

    private static int[] colour(byte @Nullable [] trns, PngHeader header) {
        if (trns == null) {
            return new int[0];
        }
        if (trns.length < 2 * header.samples()) {
            throw new PictureException(MALFORMED, "The PNG's transparent colour is too short");
        }
        var samples = new int[header.samples()];
        int mask = (1 << header.depth()) - 1;
        Arrays.setAll(samples, i -> ((trns[2 * i] & 0xFF) << 8 | trns[2 * i + 1] & 0xFF) & mask);
        return samples;
    }

    /** Whether a file without a palette has alpha. */
    boolean hasAlpha() {
        return switch (header.colour()) {
            case PngHeader.GRAY_ALPHA, PngHeader.RGB_ALPHA -> true;
            default -> transparent.length > 0;
        };
    }

    /**
     * Expands one row.
     *
     * @param row the samples, from index 1 on
     * @param at index of the first pixel in {@code out}
     * @param step bytes from one pixel to the next
     */
    void expand(byte[] row, int columns, byte[] out, int at, int step) {
        if (header.depth() == 8 && header.colour() == PngHeader.RGB_ALPHA && step == 4 && wanted == Samples.COLOURS) {
            System.arraycopy(row, 1, out, at, 4 * columns);
            return;
        }
        switch (header.colour()) {
            case PngHeader.PALETTE -> {
                for (int x = 0; x < columns; x++, at += step) {
                    out[at] = (byte) sample(row, x);
                }
            }
            case PngHeader.GRAY, PngHeader.GRAY_ALPHA -> {
                int samples = header.samples();
                for (int x = 0; x < columns; x++, at += step) {
                    int gray = sample(row, x * samples);
                    Arrays.fill(out, at, at + 3, toByte(gray));
                    out[at + 3] = samples == 2
                            ? toByte(sample(row, x * samples + 1))
                            : transparent.length > 0 && gray == transparent[0] ? 0 : (byte) 255;
                }
            }
            default -> {
                int samples = header.samples();
                for (int x = 0; x < columns; x++, at += step) {
                    boolean matches = transparent.length > 0;
                    for (int i = 0; i < 3; i++) {
                        int sample = sample(row, x * samples + i);
                        matches = matches && sample == transparent[i];
                        out[at + i] = toByte(sample);
                    }
                    out[at + 3] = samples == 4 ? toByte(sample(row, x * samples + 3)) : matches ? 0 : (byte) 255;
                }
            }
        }
    }

    private int sample(byte[] row, int index) {
        return switch (header.depth()) {
            case 8 -> row[1 + index] & 0xFF;
            case 16 -> (row[1 + 2 * index] & 0xFF) << 8 | row[2 + 2 * index] & 0xFF;
            default -> {
                int bit = index * header.depth();
                int shift = 8 - header.depth() - bit % 8;
                yield (row[1 + bit / 8] >> shift) & ((1 << header.depth()) - 1);
            }
        };
    }

    private byte toByte(int sample) {
        if (wanted == Samples.PRESENCE) {
            return sample == 0 ? 0 : (byte) 255;
        }
        return switch (header.depth()) {
            case 8 -> (byte) sample;
            case 16 -> (byte) (sample >> 8);
            default -> (byte) (sample * 255 / ((1 << header.depth()) - 1));
        };
    }
}
