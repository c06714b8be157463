package io.github.describeanything.model.segment;

import io.github.describeanything.model.api.ModelException;
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
    private static final Set<String> ATTENDED =
            Set.of("masks", "iou", "score", "pointers", "no_object_pointer", "tokens", "seen");
    private static final Set<String> OUTPUTS = Set.of("masks", "iou", "score", "pointers", "no_object_pointer");

    private final Shape shape;
    private final Supplier<Graph> graphs;
    private Graph graph;

    /** Opens the bundle's mask graph. */
    public MaskDecoder(SegmenterBundle bundle, Placement placement) {
        shape = bundle.manifest().sam2();
        graphs = () -> Graph.load(bundle.graph("mask"), placement);
        graph = graphs.get();
    }

    /**
     * Masks of a picture, or of a frame of a video that reads no memories.
     *
     * @param features what {@link PictureEncoder} computes of a picture
     * @throws ModelException if the graph computes NaN or infinity
     */
    DecodedMasks decode(float[] features, ModelPrompt prompt) {
        return decoded(run(features, prompt, OUTPUTS));
    }

    /** Masks of a frame whose mask was given, for its pointer. */
    DecodedMasks decodeGiven(float[] features, ModelPrompt prompt) {
        return decoded(run(features, embedding(features), 0, prompt, OUTPUTS));
    }

    /** Masks of a frame that has read memories. @param embedding what {@link VideoGraphs#attend} returned */
    DecodedMasks decode(float[] features, float[] embedding, ModelPrompt prompt) {
        return decoded(run(
                features,
                new Value.Floats(embedding, 1, shape.channels(), shape.cells(), shape.cells()),
                0,
                prompt,
                OUTPUTS));
    }

    private DecodedMasks decoded(Map<String, Value.Floats> found) {
        var masks = new DecodedMasks(
                shape.maskSide(),
                data(found, "masks"),
                data(found, "iou"),
                data(found, "score")[0],
                data(found, "pointers"),
                data(found, "no_object_pointer"));
        if (!masks.finite()) {
            throw new ModelException("The mask graph computed NaN or infinity");
        }
        return masks;
    }

    /** Both sides of the transformer too, of a picture or of a frame that reads no memories. */
    AttendedRegion attend(float[] features, ModelPrompt prompt) {
        return attended(run(features, prompt, ATTENDED));
    }

    /** The same of a tracked frame. @param embedding what {@link VideoGraphs#attend} returned */
    AttendedRegion attend(float[] features, float[] embedding) {
        var read = new Value.Floats(embedding, 1, shape.channels(), shape.cells(), shape.cells());
        return attended(run(features, read, 0, ModelPrompt.NONE, ATTENDED));
    }

    private AttendedRegion attended(Map<String, Value.Floats> found) {
        DecodedMasks masks = decoded(found);
        return AttendedRegion.of(masks, data(found, "tokens"), masks.single(shape), data(found, "seen"));
    }

    private static float[] data(Map<String, Value.Floats> found, String name) {
        return Objects.requireNonNull(found.get(name)).data();
    }

    /** Named outputs of the graph, for tests that look inside. */
    Map<String, Value.Floats> run(float[] features, ModelPrompt prompt, Set<String> outputs) {
        return run(features, embedding(features), 1, prompt, outputs);
    }

    /** @param noMemory 1 if the embedding has read no memories */
    private Map<String, Value.Floats> run(
            float[] features, Value embedding, float noMemory, ModelPrompt prompt, Set<String> outputs) {
        int side = shape.maskSide();
        int c = shape.channels();
        int count = prompt.labels().length;
        float[] given = prompt.earlier().map(MaskLogits::values).orElseGet(() -> new float[side * side]);
        var inputs = new HashMap<String, Value>();
        inputs.put("feat_s0", new Value.FloatPart(features, 0, 1, c / 8, side, side));
        inputs.put("feat_s1", new Value.FloatPart(features, shape.fineFeatures(), 1, c / 4, side / 2, side / 2));
        inputs.put("features", embedding);
        inputs.put("no_memory", new Value.Floats(new float[] {noMemory}, 1));
        inputs.put("points", new Value.Floats(prompt.points(), 1, count, 2));
        inputs.put("labels", new Value.Longs(prompt.labels(), 1, count));
        inputs.put("mask", new Value.Floats(given, 1, 1, side, side));
        inputs.put("has_mask", new Value.Longs(new long[] {prompt.earlier().isPresent() ? 1 : 0}, 1));
        return graph.run(inputs, outputs);
    }

    private Value embedding(float[] features) {
        return new Value.FloatPart(features, shape.embedding(), 1, shape.channels(), shape.cells(), shape.cells());
    }

    /** Closes the graph and opens it again, after a failure. */
    void reopen() {
        graph.close();
        graph = graphs.get();
    }

    @Override
    public void close() {
        graph.close();
    }
}
