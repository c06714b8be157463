package io.github.describeanything.server.openai.chat;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.focal.codec.PictureReader;
import io.github.describeanything.focal.region.Box;
import io.github.describeanything.focal.region.Region;
import io.github.describeanything.server.TestServer;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.IntUnaryOperator;
import javax.imageio.ImageIO;

/** Pictures for tests of regions: the same colours with and without a mask, in several formats. Stateless. */
public final class RegionPictures {
    static final PictureReader READER = new PictureReader(PictureLimits.DEFAULT);

    private RegionPictures() {}

    static Picture golden(String name) {
        return READER.read(TestServer.golden(name));
    }

    /** Without alpha. */
    public static String png(Picture picture) {
        return url("png", encoded(picture, BufferedImage.TYPE_INT_RGB, "png"));
    }

    static byte[] jpeg(Picture picture) {
        return encoded(picture, BufferedImage.TYPE_INT_RGB, "jpg");
    }

    /** With the region in alpha. */
    static String masked(Picture picture, Region region) {
        Picture masked = picture.withMask(region.rasterise(picture.width(), picture.height()));
        return url("png", encoded(masked, BufferedImage.TYPE_INT_ARGB, "png"));
    }

    static String opaque(Picture picture) {
        return masked(picture, new Box(0, 0, picture.width(), picture.height()));
    }

    /** The mask as a gray picture, 0 outside. */
    static String mask(Mask mask) {
        var image = new BufferedImage(mask.width(), mask.height(), BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < mask.height(); y++) {
            for (int x = 0; x < mask.width(); x++) {
                image.getRaster().setSample(x, y, 0, mask.get(x, y) ? 1 : 0);
            }
        }
        return url("png", written(image, "png"));
    }

    /** COCO's run lengths of a mask. */
    static List<Integer> counts(Mask mask) {
        var counts = new ArrayList<Integer>();
        boolean inside = false;
        int run = 0;
        for (int x = 0; x < mask.width(); x++) {
            for (int y = 0; y < mask.height(); y++) {
                if (mask.get(x, y) != inside) {
                    counts.add(run);
                    run = 0;
                    inside = !inside;
                }
                run++;
            }
        }
        counts.add(run);
        return counts;
    }

    /** COCO's compressed form of counts, after {@code rleToString} of its maskApi.c. */
    static String compressed(List<Integer> counts) {
        var text = new StringBuilder();
        for (int i = 0; i < counts.size(); i++) {
            int value = counts.get(i) - (i > 2 ? counts.get(i - 2) : 0);
            boolean more = true;
            while (more) {
                int group = value & 0x1F;
                value >>= 5;
                more = (group & 0x10) != 0 ? value != -1 : value != 0;
                text.append((char) ((more ? group | 0x20 : group) + '0'));
            }
        }
        return text.toString();
    }

    /** The picture as viewers show it with orientation 6. */
    static Picture clockwise(Picture stored) {
        int width = stored.height();
        int height = stored.width();
        var rgba = new byte[stored.rgba().length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int from = (stored.height() - 1 - x) * stored.width() + y;
                System.arraycopy(stored.rgba(), 4 * from, rgba, 4 * (y * width + x), 4);
            }
        }
        return new Picture(width, height, rgba, stored.hasAlpha());
    }

    /** The JPEG with EXIF orientation 6, a rotation by 90 degrees. */
    static byte[] turned(byte[] jpeg) {
        byte[] exif = {
            (byte) 0xFF,
            (byte) 0xE1,
            0,
            34,
            'E',
            'x',
            'i',
            'f',
            0,
            0,
            'M',
            'M',
            0,
            42,
            0,
            0,
            0,
            8,
            0,
            1,
            1,
            0x12,
            0,
            3,
            0,
            0,
            0,
            1,
            0,
            6,
            0,
            0,
            0,
            0,
            0,
            0
        };
        var out = new ByteArrayOutputStream();
        out.write(jpeg, 0, 2);
        out.writeBytes(exif);
        out.write(jpeg, 2, jpeg.length - 2);
        return out.toByteArray();
    }

    static String url(String type, byte[] encoded) {
        return "data:image/" + type + ";base64," + Base64.getEncoder().encodeToString(encoded);
    }

    private static byte[] encoded(Picture picture, int type, String format) {
        var image = new BufferedImage(picture.width(), picture.height(), type);
        byte[] rgba = picture.rgba();
        IntUnaryOperator argb = pixel -> (rgba[4 * pixel + 3] & 0xFF) << 24
                | (rgba[4 * pixel] & 0xFF) << 16
                | (rgba[4 * pixel + 1] & 0xFF) << 8
                | rgba[4 * pixel + 2] & 0xFF;
        for (int pixel = 0; pixel < picture.width() * picture.height(); pixel++) {
            image.setRGB(pixel % picture.width(), pixel / picture.width(), argb.applyAsInt(pixel));
        }
        return written(image, format);
    }

    private static byte[] written(BufferedImage image, String format) {
        try {
            var out = new ByteArrayOutputStream();
            ImageIO.write(image, format, out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
