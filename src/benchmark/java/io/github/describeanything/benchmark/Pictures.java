package io.github.describeanything.benchmark;

import io.github.describeanything.focal.Picture;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Random;
import javax.imageio.ImageIO;

/** Generated pictures: smooth colours, some noise, a disc as mask. Stateless. */
final class Pictures {
    private static final int NOISE = 8;

    private Pictures() {}

    /** A picture, different for every seed. */
    static Picture drawn(int width, int height, long seed) {
        var random = new Random(seed);
        var rgba = new byte[4 * width * height];
        double x0 = width * (0.3 + 0.4 * random.nextDouble());
        double y0 = height * (0.3 + 0.4 * random.nextDouble());
        double radius = height * 0.2;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int at = 4 * (y * width + x);
                boolean inside = Math.hypot(x - x0, y - y0) < radius;
                rgba[at] = (byte) (200 * x / width + random.nextInt(NOISE));
                rgba[at + 1] = (byte) (200 * y / height + random.nextInt(NOISE));
                rgba[at + 2] = (byte) (inside ? 220 : 60);
                rgba[at + 3] = (byte) (inside ? 255 : 0);
            }
        }
        return new Picture(width, height, rgba, true);
    }

    /** Encodes a picture as PNG. */
    static byte[] png(Picture picture) {
        var image = new BufferedImage(picture.width(), picture.height(), BufferedImage.TYPE_INT_ARGB);
        byte[] rgba = picture.rgba();
        for (int i = 0; i < picture.width() * picture.height(); i++) {
            int argb = (rgba[4 * i + 3] & 255) << 24
                    | (rgba[4 * i] & 255) << 16
                    | (rgba[4 * i + 1] & 255) << 8
                    | (rgba[4 * i + 2] & 255);
            image.setRGB(i % picture.width(), i / picture.width(), argb);
        }
        try {
            var out = new ByteArrayOutputStream();
            ImageIO.write(image, "png", out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
