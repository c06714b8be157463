package io.github.describeanything.model.family.dam;

import io.github.describeanything.focal.FocalWindow;
import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.MaskBox;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.api.RequestException;
import io.github.describeanything.model.features.PictureView;
import io.github.describeanything.model.features.View;
import io.github.describeanything.model.onnx.Graph;
import io.github.describeanything.model.onnx.Graph.Value;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * Resizes pictures and their regions to DAM's views: the whole picture with its mask, and the focal window with its
 * mask. Thread-safe.
 *
 * <p>A view is [8, size, size]: red, green, blue and mask of the picture, then of the window; each value is a byte /
 * 127.5 - 1, rounded to float16. The graphs do all resizing, on bytes, like the published code.
 */
final class DamViews implements AutoCloseable {
    private static final byte INSIDE = (byte) 255;

    private final Graph pictures;
    private final Graph regions;

    /** Takes ownership of the graphs that resize a picture and a region. */
    DamViews(Graph pictures, Graph regions) {
        this.pictures = pictures;
        this.regions = regions;
    }

    PictureView of(Picture picture) {
        return new Resized(picture);
    }

    /** A picture whose colours are resized once, with its first region. */
    private final class Resized implements PictureView {
        private final Picture picture;
        private float[] colours = {};

        Resized(Picture picture) {
            this.picture = picture;
        }

        @Override
        public View region(Mask mask) {
            if (mask.width() != picture.width() || mask.height() != picture.height()) {
                throw new IllegalArgumentException("A mask of %d x %d does not fit a picture of %d x %d"
                        .formatted(mask.width(), mask.height(), picture.width(), picture.height()));
            }
            MaskBox box = mask.box().orElseThrow(RequestException::emptyMask);
            float[] whole = colours();
            float[] region = resized(picture, mask, box);
            var view = new float[whole.length + region.length];
            System.arraycopy(whole, 0, view, 0, whole.length);
            System.arraycopy(region, 0, view, whole.length, region.length);
            return new View(view);
        }

        /** [3, size, size]. Threads with other regions of the picture wait for the first one. */
        private synchronized float[] colours() {
            if (colours.length == 0) {
                var rgba = new Value.Bytes(buffer -> buffer.put(picture.rgba()), picture.height(), picture.width(), 4);
                colours = pictures.run(Map.of("colours", rgba), "picture").data();
            }
            return colours;
        }
    }

    /** Mask, colours of the window, and mask of the window: [5, size, size]. */
    private float[] resized(Picture picture, Mask mask, MaskBox box) {
        FocalWindow window = FocalWindow.around(box, picture.width(), picture.height());
        var colours = new Value.Bytes(buffer -> cut(picture, window, buffer), window.height(), window.width(), 4);
        var bytes = new Value.Bytes(buffer -> fill(mask, box, buffer), mask.height(), mask.width());
        var corners = new Value.Longs(new long[] {window.top(), window.left(), window.bottom(), window.right()}, 4);
        return regions.run(Map.of("colours", colours, "mask", bytes, "window", corners), "region")
                .data();
    }

    private static void cut(Picture picture, FocalWindow window, ByteBuffer into) {
        for (int y = window.top(); y < window.bottom(); y++) {
            into.put(picture.rgba(), 4 * (y * picture.width() + window.left()), 4 * window.width());
        }
    }

    /** Writes the pixels inside; the buffer is 0 everywhere else. */
    private static void fill(Mask mask, MaskBox box, ByteBuffer into) {
        for (int y = box.y(); y < box.y() + box.height(); y++) {
            int first = y * mask.width() + box.x();
            for (int pixel = first; pixel < first + box.width(); pixel++) {
                if (mask.get(pixel)) {
                    into.put(pixel, INSIDE);
                }
            }
        }
    }

    @Override
    public void close() {
        pictures.close();
        regions.close();
    }
}
