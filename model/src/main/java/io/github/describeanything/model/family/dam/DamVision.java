package io.github.describeanything.model.family.dam;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.bundle.Bundle;
import io.github.describeanything.model.family.RegionVision;
import io.github.describeanything.model.features.PictureView;
import io.github.describeanything.model.features.View;
import io.github.describeanything.model.onnx.Graph;
import io.github.describeanything.model.onnx.Graph.Value;
import io.github.describeanything.model.onnx.Placement;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * DAM's vision: views of regions, and the graph that embeds them (global pass, regional pass, projector). Views are
 * thread-safe; one thread at a time may encode, reopen or close.
 */
public final class DamVision implements RegionVision {
    private static final int CHANNELS = 8;
    private static final String EMBEDS = "image_embeds";

    private final int size;
    private final DamViews views;
    private final Supplier<Graph> graphs;
    private Graph graph;

    /** Opens the bundle's graphs for resizing and vision. */
    DamVision(Bundle bundle, Placement placement) {
        this(
                bundle.manifest().image().size(),
                new DamViews(
                        Graph.load(bundle.graph("picture"), Placement.cpu(1)),
                        Graph.load(bundle.graph("region"), Placement.cpu(1))),
                () -> Graph.load(bundle.graph("vision"), placement));
    }

    /**
     * Takes ownership of the views.
     *
     * @param size side of a view in pixels
     * @param graphs opens the vision graph
     */
    DamVision(int size, DamViews views, Supplier<Graph> graphs) {
        this.size = size;
        this.views = views;
        this.graphs = graphs;
        this.graph = graphs.get();
    }

    @Override
    public PictureView view(Picture picture) {
        return views.of(picture);
    }

    @Override
    public View blank() {
        return new View(new float[CHANNELS * size * size]);
    }

    @Override
    public float[] encode(List<View> frames) {
        return graph.run(Map.of("views", stack(frames)), EMBEDS).data();
    }

    /** {@code image_embeds}, {@code global_features} and {@code regional_features}, for tests of single stages. */
    public Map<String, float[]> stages(List<View> frames) {
        var values = graph.run(Map.of("views", stack(frames)), Set.of(EMBEDS, "global_features", "regional_features"));
        return values.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, it -> it.getValue().data()));
    }

    private Value.Floats stack(List<View> frames) {
        int length = CHANNELS * size * size;
        var all = new float[frames.size() * length];
        for (int i = 0; i < frames.size(); i++) {
            System.arraycopy(frames.get(i).values(), 0, all, i * length, length);
        }
        return new Value.Floats(all, frames.size(), CHANNELS, size, size);
    }

    @Override
    public void reopen() {
        graph.close();
        graph = graphs.get();
    }

    @Override
    public void close() {
        views.close();
        graph.close();
    }
}
