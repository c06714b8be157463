package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.UNSUPPORTED;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.util.Arrays;

/**
 * Decodes the first page of a TIFF, as colours or as a mask. Not thread-safe.
 *
 * <p>As colours, 16-bit samples are cut to their high byte and fewer than 8 bits are scaled to 0..255. As a mask, a
 * nonzero sample is inside, whatever its colour.
 */
final class Tiff {
    private static final int WHITE_IS_ZERO = 0;
    private static final int BLACK_IS_ZERO = 1;
    private static final int RGB = 2;
    private static final int PALETTE = 3;
    private static final int CMYK = 5;
    private static final int YCBCR = 6;
    private static final int PREMULTIPLIED = 1;

    private final TiffDirectory directory;
    private final TiffLayout layout;
    private final Samples wanted;
    private final int photometric;
    private final int colours;
    private final boolean alpha;
    private final boolean premultiplied;

    private Tiff(TiffDirectory directory, TiffLayout layout, Samples wanted) {
        this.directory = directory;
        this.layout = layout;
        this.wanted = wanted;
        photometric = (int) directory.value(TiffDirectory.PHOTOMETRIC, WHITE_IS_ZERO);
        colours = switch (photometric) {
            case WHITE_IS_ZERO, BLACK_IS_ZERO, PALETTE -> 1;
            case RGB -> 3;
            case CMYK -> 4;
            case YCBCR -> layout.samples() == 1 ? 1 : 3;
            default -> throw new PictureException(UNSUPPORTED, "The TIFF is not gray, palette, RGB, YCbCr or CMYK");
        };
        // An extra sample is alpha unless the tag says 0, unspecified data.
        long extra = directory.value(TiffDirectory.EXTRA_SAMPLES, 2);
        alpha = layout.samples() > colours && extra != 0 && photometric != CMYK;
        premultiplied = alpha && extra == PREMULTIPLIED;
    }

    static Decoded decode(byte[] encoded, PictureLimits limits, Samples wanted) {
        var directory = new TiffDirectory(encoded);
        var layout = TiffLayout.of(directory, limits);
        var tiff = new Tiff(directory, layout, wanted);
        tiff.check();
        return tiff.meaning(TiffSamples.of(directory, layout, limits));
    }

    static Orientation orientation(byte[] encoded) {
        return Orientation.of(new TiffDirectory(encoded).value(TiffDirectory.ORIENTATION, 1));
    }

    private void check() {
        if (layout.samples() < colours) {
            throw new PictureException(UNSUPPORTED, "The TIFF has fewer samples than colours");
        }
        boolean jpeg = layout.compression() == TiffLayout.JPEG;
        if (photometric == YCBCR && colours == 3 && !jpeg) {
            throw new PictureException(UNSUPPORTED, "The TIFF is YCbCr without JPEG: send it as RGB");
        }
        if (wanted == Samples.PRESENCE) {
            if (jpeg) {
                throw new PictureException(
                        UNSUPPORTED, "JPEG compression blurs the edges of a mask: save the TIFF without it");
            }
            if (photometric == CMYK) {
                throw new PictureException(UNSUPPORTED, "A CMYK mask is ambiguous: send it as gray");
            }
        } else if (layout.bits() > 16 || layout.format() == 3) {
            throw new PictureException(
                    UNSUPPORTED, "The TIFF has 32-bit or floating-point samples, which only a mask may have");
        }
        if (photometric == PALETTE && (layout.bits() > 8 || alpha) && wanted == Samples.COLOURS) {
            throw new PictureException(UNSUPPORTED, "A TIFF with a palette may have at most 256 colours and no alpha");
        }
    }

    private Decoded meaning(Raster raster) {
        if (raster.getWidth() != layout.width()
                || raster.getHeight() != layout.height()
                || raster.getNumBands() != layout.samples()) {
            throw new PictureException(PictureException.Reason.MALFORMED, "The TIFF's size differs from its header");
        }
        return photometric == PALETTE && layout.bits() <= 8 && !alpha ? indexed(raster) : direct(raster);
    }

    private Decoded indexed(Raster raster) {
        int colours = 1 << layout.bits();
        boolean bytes = true;
        for (int i = 0; i < 3 * colours; i++) {
            bytes &= directory.value(TiffDirectory.COLOUR_MAP, i, 0) < 256;
        }
        // Old writers store 8-bit values where 16-bit ones belong; libtiff reads both.
        int shift = bytes ? 0 : 8;
        var argb = new int[256];
        Arrays.fill(argb, Decoded.Indexed.OPAQUE_BLACK);
        for (int entry = 0; entry < colours; entry++) {
            for (int channel = 0; channel < 3; channel++) {
                long value = directory.value(TiffDirectory.COLOUR_MAP, channel * colours + entry, 0) >> shift & 0xFF;
                argb[entry] |= (int) value << 16 - 8 * channel;
            }
        }
        var entries = new byte[layout.width() * layout.height()];
        var row = new int[layout.width()];
        for (int y = 0, at = 0; y < layout.height(); y++) {
            raster.getSamples(0, y, row.length, 1, 0, row);
            for (int entry : row) {
                entries[at++] = (byte) entry;
            }
        }
        return new Decoded.Indexed(layout.width(), layout.height(), entries, argb, false, true);
    }

    private Decoded direct(Raster raster) {
        var rgba = new byte[4 * layout.width() * layout.height()];
        int samples = layout.samples();
        int type = raster.getTransferType();
        boolean floating = type == DataBuffer.TYPE_FLOAT || type == DataBuffer.TYPE_DOUBLE;
        var row = new int[layout.width() * samples];
        var numbers = new double[floating ? row.length : 0];
        for (int y = 0, at = 0; y < layout.height(); y++) {
            if (floating) {
                raster.getPixels(0, y, layout.width(), 1, numbers);
                Arrays.setAll(row, i -> present(numbers[i]));
            } else {
                raster.getPixels(0, y, layout.width(), 1, row);
            }
            for (int i = 0; i < row.length; i += samples, at += 4) {
                pixel(row, i, rgba, at);
            }
        }
        return new Decoded.Direct(new Picture(layout.width(), layout.height(), rgba, alpha));
    }

    private static int present(double number) {
        if (Double.isNaN(number)) {
            throw new PictureException(UNSUPPORTED, "The mask has NaN samples: write 0 outside and 1 inside");
        }
        return number == 0 ? 0 : 1;
    }

    private void pixel(int[] row, int i, byte[] rgba, int at) {
        if (photometric == CMYK) {
            JpegColours.ink(rgba, at, colour(row[i]), colour(row[i + 1]), colour(row[i + 2]), colour(row[i + 3]));
            return;
        }
        boolean ycbcr = photometric == YCBCR && colours == 3;
        int opacity = alpha ? colour(row[i + colours]) : 255;
        for (int channel = 0; channel < 3; channel++) {
            int value = colour(row[colours == 1 ? i : i + channel]);
            if (ycbcr) {
                value = switch (channel) {
                    case 0 -> JpegColours.red(row[i], row[i + 2]);
                    case 1 -> JpegColours.green(row[i], row[i + 1], row[i + 2]);
                    default -> JpegColours.blue(row[i], row[i + 1]);
                };
            }
            if (wanted == Samples.COLOURS) {
                value = photometric == WHITE_IS_ZERO ? 255 - value : value;
                // Pillow's integer arithmetic.
                value = !premultiplied || opacity == 255
                        ? value
                        : opacity == 0 ? 0 : Math.min(value * 255 / opacity, 255);
            }
            rgba[at + channel] = (byte) value;
        }
        rgba[at + 3] = (byte) opacity;
    }

    /** Converts one sample to a byte. */
    private int colour(int sample) {
        if (wanted == Samples.PRESENCE) {
            return sample == 0 ? 0 : 255;
        }
        int bits = layout.bits();
        int most = (1 << bits) - 1;
        return bits > 8 ? (sample & most) >> bits - 8 : (sample & most) * 255 / most;
    }
}
