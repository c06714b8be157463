package io.github.describeanything.bulk.step;

import io.github.describeanything.focal.FocalWindow;
import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.MaskBox;
import io.github.describeanything.focal.Picture;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.ImageIO;

/** The surroundings of a region as a PNG, whole or with all but the region blanked. Stateless. */
final class Crop {
    private Crop() {}

    /**
     * Cuts out the model's focal window around a region.
     *
     * @param blank the colour of everything outside the region, or below 0 to keep it
     * @param longest side of the result in pixels; larger crops are scaled down
     */
    static byte[] png(Picture picture, Mask mask, MaskBox box, int blank, int longest) throws IOException {
        FocalWindow window = FocalWindow.around(box, picture.width(), picture.height());
        var crop = new BufferedImage(window.width(), window.height(), BufferedImage.TYPE_INT_RGB);
        byte[] rgba = picture.rgba();
        for (int y = 0; y < window.height(); y++) {
            for (int x = 0; x < window.width(); x++) {
                int pixel = (window.top() + y) * picture.width() + window.left() + x;
                int at = 4 * pixel;
                int colour = (rgba[at] & 0xFF) << 16 | (rgba[at + 1] & 0xFF) << 8 | rgba[at + 2] & 0xFF;
                crop.setRGB(x, y, blank < 0 || mask.get(pixel) ? colour : blank);
            }
        }
        var out = new ByteArrayOutputStream();
        ImageIO.write(scaled(crop, longest), "png", out);
        return out.toByteArray();
    }

    private static BufferedImage scaled(BufferedImage image, int longest) {
        double scale = (double) longest / Math.max(image.getWidth(), image.getHeight());
        if (scale >= 1) {
            return image;
        }
        int width = Math.max(1, (int) Math.round(image.getWidth() * scale));
        int height = Math.max(1, (int) Math.round(image.getHeight() * scale));
        var small = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = small.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        graphics.drawImage(image, 0, 0, width, height, null);
        graphics.dispose();
        return small;
    }
}
