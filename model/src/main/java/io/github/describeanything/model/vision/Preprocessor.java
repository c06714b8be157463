package io.github.describeanything.model.vision;

import io.github.describeanything.focal.FocalWindow;
import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.MaskBox;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.RequestException;
import io.github.describeanything.model.onnx.Graph;
import io.github.describeanything.model.onnx.Graph.Value;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;

/** A masked picture into the two views that the encoder looks at. Thread-safe. */
public final class Preprocessor implements AutoCloseable {
    private static final int CHANNELS = 8;
    private static final float[] VALUES = values();
    /** Where a window is not wanted: the smallest costs nothing. */
    private static final FocalWindow NO_WINDOW = new FocalWindow(0, 0, 1, 1);

    private final Graph graph;
    /** Views of whole pictures, each for as long as somebody holds its picture. */
    private final Map<Picture, float[]> colours = Collections.synchronizedMap(new WeakHashMap<>());

    /** Takes over the bundle's {@code preprocess.onnx}. */
    public Preprocessor(Graph graph) {
        this.graph = graph;
    }

    /**
     * Whole picture and focal window, resized, with their masks.
     *
     * @return [8, size, size] row-major: red, green, blue, mask of the whole picture, then of the window; each value
     *     rounded to float16
     * @throws RequestException if the picture has no mask or an empty one
     */
    public float[] views(Picture picture) {
        if (!picture.hasAlpha()) {
            throw new RequestException(
                    RequestException.Reason.NO_MASK,
                    "The picture has no alpha channel: send an RGBA picture whose alpha is above 0 inside the region");
        }
        MaskBox box = MaskBox.ofAlpha(picture)
                .orElseThrow(
                        () -> empty("The mask is empty: alpha is 0 everywhere; make it above 0 inside the region"));
        return run(picture, FocalWindow.around(box, picture.width(), picture.height()));
    }

    /**
     * The same of a picture under a mask of its own, whatever its alpha: to the bit what a picture with that mask in alpha
     * gives. The whole picture's colours are resized once for all masks on it, so that the second costs little more than
     * its window.
     *
     * @throws RequestException if the mask is empty
     */
    public float[] views(Picture picture, Mask mask) {
        MaskBox box = mask.box().orElseThrow(() -> empty("The mask is empty"));
        float[] inside = run(cut(picture, mask, FocalWindow.around(box, picture.width(), picture.height())), NO_WINDOW);
        int plane = inside.length / CHANNELS;
        var views = new float[inside.length];
        System.arraycopy(colours(picture), 0, views, 0, 3 * plane);
        byte[] resized = new MaskPlane((int) Math.sqrt(plane)).of(mask);
        for (int i = 0; i < plane; i++) {
            views[3 * plane + i] = VALUES[resized[i] & 0xFF];
        }
        System.arraycopy(inside, 0, views, 4 * plane, 4 * plane);
        return views;
    }

    private float[] colours(Picture picture) {
        float[] known = colours.get(picture);
        if (known == null) {
            known = run(picture, NO_WINDOW);
            colours.put(picture, known);
        }
        return known;
    }

    /** What the window shows, as a picture with the mask in alpha. */
    private static Picture cut(Picture picture, Mask mask, FocalWindow window) {
        var rgba = new byte[4 * window.width() * window.height()];
        int at = 0;
        for (int y = window.top(); y < window.bottom(); y++) {
            int row = 4 * (y * picture.width() + window.left());
            System.arraycopy(picture.rgba(), row, rgba, at, 4 * window.width());
            for (int x = window.left(); x < window.right(); x++, at += 4) {
                rgba[at + 3] = mask.get(x, y) ? (byte) 255 : 0;
            }
        }
        return new Picture(window.width(), window.height(), rgba, true);
    }

    private float[] run(Picture picture, FocalWindow window) {
        return graph.run(
                        Map.of(
                                "rgba",
                                new Value.Bytes(picture.rgba(), picture.height(), picture.width(), 4),
                                "window",
                                new Value.Longs(
                                        new long[] {window.top(), window.left(), window.bottom(), window.right()}, 4)),
                        "views")
                .data();
    }

    /** A byte as the graph gives it: around 0, rounded to float16. */
    private static float[] values() {
        var values = new float[256];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.float16ToFloat(Float.floatToFloat16(i / 127.5f - 1));
        }
        return values;
    }

    private static RequestException empty(String message) {
        return new RequestException(RequestException.Reason.EMPTY_MASK, message);
    }

    @Override
    public void close() {
        graph.close();
    }
}
