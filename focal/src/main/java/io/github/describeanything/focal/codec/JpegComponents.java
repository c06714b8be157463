package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;
import static io.github.describeanything.focal.PictureException.Reason.UNSUPPORTED;

import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import io.github.describeanything.focal.PictureException;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.IOException;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;

/** A JPEG's components, upsampled to the full size as by libjpeg-turbo. Stateless. */
final class JpegComponents {
    private JpegComponents() {}

    /** @return interleaved, one byte per component, row by row from the top */
    static byte[] of(JpegSegments header) {
        Raster raster = decode(header);
        int components = header.components();
        if (raster.getWidth() != header.width()
                || raster.getHeight() != header.height()
                || raster.getNumBands() != components
                || !(raster.getDataBuffer() instanceof DataBufferByte buffer)) {
            throw new PictureException(MALFORMED, "The JPEG's size differs from its header");
        }
        byte[] data = buffer.getData();
        for (int component = 0; component < components; component++) {
            int[] times = header.enlargement(component);
            if (times[0] == 1 && times[1] == 2) {
                smoothDown(data, component, components, header.width(), header.height());
            }
        }
        return data;
    }

    private static Raster decode(JpegSegments header) {
        ImageReader reader = reader();
        var warned = new AtomicBoolean();
        reader.addIIOReadWarningListener((source, warning) -> warned.set(true));
        try (var stream = new ByteArrayImageInputStream(header.stream())) {
            reader.setInput(stream, true, true);
            Raster raster = reader.readRaster(0, null);
            if (warned.get() && !header.ended()) {
                throw new PictureException(MALFORMED, "The JPEG is truncated: pixels are missing");
            }
            return raster;
        } catch (IOException e) {
            throw new PictureException(MALFORMED, "The JPEG is damaged and cannot be decoded", e);
        } finally {
            reader.dispose();
        }
    }

    private static ImageReader reader() {
        for (Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName("jpeg"); readers.hasNext(); ) {
            ImageReader reader = readers.next();
            if (reader.getClass().getModule() == ImageReader.class.getModule()) {
                return reader;
            }
        }
        throw new PictureException(UNSUPPORTED, "This Java runtime cannot decode JPEG");
    }

    /**
     * Upsamples a component of half the height with a triangle filter (libjpeg-turbo, {@code h1v2_fancy_upsample}). The
     * JDK's libjpeg repeats rows instead, so every second row is the stored component.
     */
    private static void smoothDown(byte[] data, int component, int components, int width, int height) {
        int rowBytes = width * components;
        var above = new byte[width];
        var here = new byte[width];
        var below = new byte[width];
        copy(data, component, components, here);
        System.arraycopy(here, 0, above, 0, width);
        for (int y = 0; y < height; y += 2) {
            if (y + 2 < height) {
                copy(data, (y + 2) * rowBytes + component, components, below);
            } else {
                System.arraycopy(here, 0, below, 0, width);
            }
            for (int x = 0; x < width; x++) {
                int at = y * rowBytes + x * components + component;
                int three = 3 * (here[x] & 0xFF);
                data[at] = (byte) (three + (above[x] & 0xFF) + 1 >> 2);
                if (y + 1 < height) {
                    data[at + rowBytes] = (byte) (three + (below[x] & 0xFF) + 2 >> 2);
                }
            }
            byte[] spare = above;
            above = here;
            here = below;
            below = spare;
        }
    }

    private static void copy(byte[] data, int from, int step, byte[] row) {
        for (int x = 0; x < row.length; x++) {
            row[x] = data[from + x * step];
        }
    }
}
