package io.github.describeanything.model.vision;

import io.github.describeanything.focal.FocalWindow;
import io.github.describeanything.focal.MaskBox;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.RequestException;
import io.github.describeanything.model.onnx.Graph;
import io.github.describeanything.model.onnx.Graph.Value;
import java.util.Map;

/** A masked picture into the two views that the encoder looks at. Thread-safe. */
public final class Preprocessor implements AutoCloseable {
    private final Graph graph;

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
                .orElseThrow(() -> new RequestException(
                        RequestException.Reason.EMPTY_MASK,
                        "The mask is empty: alpha is 0 everywhere; make it above 0 inside the region"));
        FocalWindow window = FocalWindow.around(box, picture.width(), picture.height());
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

    @Override
    public void close() {
        graph.close();
    }
}
