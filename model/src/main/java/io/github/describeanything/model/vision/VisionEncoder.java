package io.github.describeanything.model.vision;

import io.github.describeanything.model.onnx.Graph;
import io.github.describeanything.model.onnx.Graph.Value;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Views into image embeddings: the global pass, the regional pass and the projector. Thread-safe. */
public final class VisionEncoder implements Encoder {
    private static final String EMBEDS = "image_embeds";

    private final Supplier<Graph> graphs;
    private final int size;
    private volatile Graph graph;

    /**
     * Opens and owns the bundle's {@code vision.onnx}.
     *
     * @param graphs opens it
     * @param size side of a view in pixels
     */
    public VisionEncoder(Supplier<Graph> graphs, int size) {
        this.graphs = graphs;
        this.size = size;
        this.graph = graphs.get();
    }

    @Override
    public float[] encode(List<float[]> views) {
        return graph.run(Map.of("views", stack(views)), EMBEDS).data();
    }

    /** The same with the values in between: {@code image_embeds, global_features, regional_features}. */
    public Map<String, float[]> stages(List<float[]> views) {
        var values = graph.run(Map.of("views", stack(views)), Set.of(EMBEDS, "global_features", "regional_features"));
        return values.entrySet().stream()
                .collect(java.util.stream.Collectors.toMap(
                        Map.Entry::getKey, it -> it.getValue().data()));
    }

    private Value.Floats stack(List<float[]> views) {
        int length = 8 * size * size;
        var all = new float[views.size() * length];
        for (int i = 0; i < views.size(); i++) {
            System.arraycopy(views.get(i), 0, all, i * length, length);
        }
        return new Value.Floats(all, views.size(), 8, size, size);
    }

    @Override
    public void reopen() {
        graph.close();
        graph = graphs.get();
    }

    @Override
    public void close() {
        graph.close();
    }
}
