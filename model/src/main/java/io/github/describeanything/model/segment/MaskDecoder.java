package io.github.describeanything.model.segment;

import io.github.describeanything.model.bundle.SegmenterBundle;
import io.github.describeanything.model.bundle.SegmenterBundle.Shape;
import io.github.describeanything.model.onnx.Graph;
import io.github.describeanything.model.onnx.Graph.Value;
import io.github.describeanything.model.onnx.Placement;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;

/** The mask graph: features of a picture and a prompt to masks. One thread at a time decodes, reopens or closes. */
public final class MaskDecoder implements AutoCloseable {
    private static final Set<String> OUTPUTS = Set.of("masks", "iou", "score", "pointers");
    private static final Set<String> ATTENDED = Set.of("masks", "iou", "score", "pointers", "tokens", "seen");

    private final Shape shape;
    private final Supplier<Graph> graphs;
    private Graph graph;

    /** Opens the bundle's mask graph. */
    public MaskDecoder(SegmenterBundle bundle, Placement placement) {
        shape = bundle.manifest().sam2();
        graphs = () -> Graph.load(bundle.graph("mask"), placement);
        graph = graphs.get();
    }

    /** @param features what {@link PictureEncoder} computes of a picture */
    DecodedMasks decode(float[] features, ModelPrompt prompt) {
        return masks(run(features, prompt, OUTPUTS));
    }

    private DecodedMasks masks(Map<String, Value.Floats> found) {
        return new DecodedMasks(
                shape.maskSide(),
                data(found, "masks"),
                data(found, "iou"),
                data(found, "score")[0],
                data(found, "pointers"));
    }

    /**
     * Decodes a prompt on a picture of this size as the video predictor does, never choosing among three masks.
     *
     * @param features what {@link PictureEncoder} computes of the picture
     */
    public AttendedRegion attend(float[] features, SegmentPrompt prompt, int width, int height) {
        Map<String, Value.Floats> found = run(features, ModelPrompt.of(prompt, width, height, shape), ATTENDED);
        DecodedMasks masks = masks(found);
        return AttendedRegion.of(masks, data(found, "tokens"), masks.single(shape), data(found, "seen"));
    }

    private static float[] data(Map<String, Value.Floats> found, String name) {
        return Objects.requireNonNull(found.get(name)).data();
    }

    /** Named outputs of the graph, for tests that look inside. */
    Map<String, Value.Floats> run(float[] features, ModelPrompt prompt, Set<String> outputs) {
        int side = shape.maskSide();
        int c = shape.channels();
        int cells = side / 4;
        int middle = shape.fineFeatures();
        int count = prompt.labels().length;
        var inputs = new HashMap<String, Value>();
        inputs.put("feat_s0", new Value.FloatPart(features, 0, 1, c / 8, side, side));
        inputs.put("feat_s1", new Value.FloatPart(features, middle, 1, c / 4, side / 2, side / 2));
        inputs.put("features", new Value.FloatPart(features, middle + shape.middleFeatures(), 1, c, cells, cells));
        inputs.put("no_memory", new Value.Floats(new float[] {1}, 1));
        inputs.put("points", new Value.Floats(prompt.points(), 1, count, 2));
        inputs.put("labels", new Value.Longs(prompt.labels(), 1, count));
        inputs.put("mask", new Value.Floats(given(prompt), 1, 1, side, side));
        inputs.put("has_mask", new Value.Longs(new long[] {prompt.earlier().isPresent() ? 1 : 0}, 1));
        return graph.run(inputs, outputs);
    }

    private float[] given(ModelPrompt prompt) {
        var logits = new float[shape.maskSide() * shape.maskSide()];
        prompt.earlier().ifPresent(it -> {
            for (int i = 0; i < logits.length; i++) {
                logits[i] = Math.clamp(it.values()[i], -MaskLogits.MOST, MaskLogits.MOST);
            }
        });
        return logits;
    }

    /** Closes the graph and opens it again, after a failure. */
    public void reopen() {
        graph.close();
        graph = graphs.get();
    }

    @Override
    public void close() {
        graph.close();
    }
}
