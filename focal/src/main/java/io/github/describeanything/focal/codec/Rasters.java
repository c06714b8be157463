package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;
import static io.github.describeanything.focal.PictureException.Reason.UNSUPPORTED;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureException;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.util.Arrays;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * Takes samples out of what an ImageIO reader decoded, without its colour management: {@code getRGB} would send gray
 * through a colour space that changes its values. Stateless.
 */
final class Rasters {
    private Rasters() {}

    /**
     * Decodes the first picture and disposes of the reader.
     *
     * @param alpha whether a second or fourth sample is alpha; it is dropped otherwise
     */
    static Picture read(
            ImageReader reader, ImageInputStream stream, int width, int height, boolean alpha, Samples samples) {
        try (stream) {
            reader.setInput(stream, true, true);
            return picture(reader.read(0), width, height, alpha, samples);
        } catch (IOException e) {
            throw new PictureException(MALFORMED, "The picture is damaged and cannot be decoded", e);
        } finally {
            reader.dispose();
        }
    }

    private static Picture picture(BufferedImage image, int width, int height, boolean alpha, Samples samples) {
        if (image.getWidth() != width || image.getHeight() != height) {
            throw new PictureException(MALFORMED, "The picture has another size than its header says");
        }
        ColorModel model = image.getColorModel();
        if (model.isAlphaPremultiplied() && alpha) {
            throw new PictureException(UNSUPPORTED, "The picture's colours are premultiplied by its alpha");
        }
        var rgba = new byte[4 * width * height];
        if (model instanceof IndexColorModel palette) {
            indexed(image, palette, alpha, samples, rgba);
        } else {
            components(image, model, alpha, samples, rgba);
        }
        return new Picture(width, height, rgba, alpha);
    }

    private static void indexed(
            BufferedImage image, IndexColorModel palette, boolean alpha, Samples samples, byte[] rgba) {
        var argb = new int[palette.getMapSize()];
        palette.getRGBs(argb);
        // A palette of two is how a picture of one bit arrives: its colours are its samples.
        if (samples == Samples.PRESENCE && argb.length > 2) {
            Arrays.setAll(argb, entry -> argb[entry] & 0xFF000000 | (entry == 0 ? 0 : 0xFFFFFF));
        }
        var row = new int[image.getWidth()];
        int at = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            image.getRaster().getSamples(0, y, row.length, 1, 0, row);
            for (int entry : row) {
                int colour = argb[entry];
                rgba[at++] = (byte) (colour >> 16);
                rgba[at++] = (byte) (colour >> 8);
                rgba[at++] = (byte) colour;
                rgba[at++] = alpha ? (byte) (colour >>> 24) : (byte) 255;
            }
        }
    }

    private static void components(BufferedImage image, ColorModel model, boolean alpha, Samples wanted, byte[] rgba) {
        var raster = image.getRaster();
        int samples = raster.getNumBands();
        int bits = model.getComponentSize(0);
        int space = model.getColorSpace().getType();
        boolean gray = space == ColorSpace.TYPE_GRAY && samples <= 2;
        boolean rgb = space == ColorSpace.TYPE_RGB && (samples == 3 || samples == 4);
        if (!gray && !rgb || bits != 8 && bits != 16 || alpha && samples % 2 != 0) {
            throw new PictureException(UNSUPPORTED, "The picture is neither gray nor RGB of 8 or 16 bits");
        }
        int shift = bits - 8;
        var row = new int[image.getWidth() * samples];
        int at = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            raster.getPixels(0, y, image.getWidth(), 1, row);
            for (int i = 0; i < row.length; i += samples) {
                rgba[at++] = toByte(row[i], shift, wanted);
                rgba[at++] = toByte(row[gray ? i : i + 1], shift, wanted);
                rgba[at++] = toByte(row[gray ? i : i + 2], shift, wanted);
                rgba[at++] = alpha ? toByte(row[i + samples - 1], shift, wanted) : (byte) 255;
            }
        }
    }

    private static byte toByte(int sample, int shift, Samples wanted) {
        return wanted == Samples.COLOURS ? (byte) (sample >> shift) : sample == 0 ? 0 : (byte) 255;
    }
}
