package io.github.describeanything.model.segment;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.bundle.SegmenterBundle;
import io.github.describeanything.model.bundle.SegmenterBundle.Shape;
import io.github.describeanything.model.features.Encoder;
import io.github.describeanything.model.features.View;
import io.github.describeanything.model.onnx.Graph;
import io.github.describeanything.model.onnx.Graph.Value;
import io.github.describeanything.model.onnx.Placement;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The image encoder: pictures to the features that prompts read. Views are thread-safe; one thread at a time encodes,
 * reopens or closes.
 *
 * <p>The features of a picture are one array: {@code feat_s0}, {@code feat_s1}, {@code embed}, one after the other.
 */
public final class PictureEncoder implements Encoder {
    private static final int COLOURS = 3;

    private final Shape shape;
    private final Graph pixels;
    private final Graph framePixels;
    private final Supplier<Graph> graphs;
    private Graph graph;

    /** Opens the bundle's graphs for pixels and pictures. */
    public PictureEncoder(SegmenterBundle bundle, Placement placement) {
        shape = bundle.manifest().sam2();
        graphs = () -> Graph.load(bundle.graph("picture"), placement);
        pixels = Graph.load(bundle.graph("pixels"), Placement.cpu(1));
        framePixels = Graph.load(bundle.graph("frame"), Placement.cpu(1));
        graph = graphs.get();
    }

    /** Stretches a picture to the encoder's square. CPU-bound. */
    public View view(Picture picture) {
        return view(picture, pixels);
    }

    /** Stretches a frame of a video to the encoder's square. CPU-bound. */
    public View frameView(Picture picture) {
        return view(picture, framePixels);
    }

    private static View view(Picture picture, Graph pixels) {
        var rgba = new Value.Bytes(buffer -> buffer.put(picture.rgba()), picture.height(), picture.width(), 4);
        return new View(pixels.run(Map.of("colours", rgba), "pixels").data());
    }

    /** A view of nothing. */
    public View blank() {
        return new View(new float[COLOURS * shape.imageSize() * shape.imageSize()]);
    }

    @Override
    public float[] encode(List<View> views) {
        var all = new float[views.size() * shape.features()];
        int at = 0;
        for (View view : views) {
            Map<String, Value.Floats> maps = run(view, Set.of("feat_s0", "feat_s1", "embed"));
            for (String name : List.of("feat_s0", "feat_s1", "embed")) {
                float[] map = Objects.requireNonNull(maps.get(name)).data();
                System.arraycopy(map, 0, all, at, map.length);
                at += map.length;
            }
        }
        return all;
    }

    /** Named outputs of the graph, for tests that look inside. */
    Map<String, Value.Floats> run(View view, Set<String> outputs) {
        var input = new Value.Floats(view.values(), 1, COLOURS, shape.imageSize(), shape.imageSize());
        return graph.run(Map.of("pixels", input), outputs);
    }

    @Override
    public void reopen() {
        graph.close();
        graph = graphs.get();
    }

    @Override
    public void close() {
        pixels.close();
        framePixels.close();
        graph.close();
    }
}
