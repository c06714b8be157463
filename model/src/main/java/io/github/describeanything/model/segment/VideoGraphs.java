package io.github.describeanything.model.segment;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.model.bundle.SegmenterBundle;
import io.github.describeanything.model.bundle.SegmenterBundle.Shape;
import io.github.describeanything.model.onnx.Graph;
import io.github.describeanything.model.onnx.Graph.Value;
import io.github.describeanything.model.onnx.Placement;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The graphs of videos: what is remembered of a frame, what a frame reads of others, and masks as prompts. One thread at a
 * time runs, reopens or closes them; {@link #given} is thread-safe.
 */
final class VideoGraphs implements AutoCloseable {
    private final Shape shape;
    private final Graph maskPrompts;
    private final Supplier<Graph> memories;
    private final Supplier<Graph> attentions;
    private Graph memory;
    private Graph attention;

    /**
     * A given mask as the model sees it. Immutable.
     *
     * @param logits of the frame
     * @param prompt what the frame's pointer is decoded from
     */
    record GivenMask(MaskLogits logits, ModelPrompt prompt, boolean empty) {}

    VideoGraphs(SegmenterBundle bundle, Placement placement) {
        shape = bundle.manifest().sam2();
        memories = () -> Graph.load(bundle.graph("memory"), placement);
        attentions = () -> Graph.load(bundle.graph("attention"), placement);
        maskPrompts = Graph.load(bundle.graph("mask_prompt"), Placement.cpu(1));
        memory = memories.get();
        attention = attentions.get();
    }

    /** A mask of the frame's size as logits. CPU-bound. */
    GivenMask given(Mask mask) {
        var bytes = new Value.Bytes(buffer -> fill(mask, buffer), mask.height(), mask.width());
        Map<String, Value.Floats> found = maskPrompts.run(Map.of("mask", bytes), Set.of("logits", "prompt", "inside"));
        return new GivenMask(
                new MaskLogits(shape.maskSide(), data(found, "logits")),
                ModelPrompt.of(new MaskLogits(shape.maskSide(), data(found, "prompt"))),
                data(found, "inside")[0] == 0);
    }

    private static void fill(Mask mask, ByteBuffer into) {
        for (int pixel = 0; pixel < mask.width() * mask.height(); pixel++) {
            if (mask.get(pixel)) {
                into.put(pixel, (byte) 1);
            }
        }
    }

    private static float[] data(Map<String, Value.Floats> found, String name) {
        return Objects.requireNonNull(found.get(name)).data();
    }

    /**
     * What later frames read of a frame.
     *
     * @param features what {@link PictureEncoder} computes of the frame
     * @param prompted whether the mask was marked or given, not tracked
     * @param score the object score
     */
    Memory remember(float[] features, MaskLogits logits, boolean prompted, float score) {
        return Memory.of(remembered(features, logits, prompted, score));
    }

    /** The same with the memory of a tracked frame as it is, not rounded. */
    Memory rememberExactly(float[] features, MaskLogits logits, boolean prompted, float score) {
        float[] memory = remembered(features, logits, prompted, score);
        return prompted ? Memory.of(memory) : Memory.exact(memory);
    }

    private float[] remembered(float[] features, MaskLogits logits, boolean prompted, float score) {
        var inputs = new HashMap<String, Value>();
        inputs.put("embed", embedding(features));
        inputs.put("logits", new Value.Floats(logits.values(), 1, 1, logits.side(), logits.side()));
        inputs.put("prompted", new Value.Longs(new long[] {prompted ? 1 : 0}, 1));
        inputs.put("score", new Value.Floats(new float[] {score}, 1, 1));
        return memory.run(inputs, "memory").data();
    }

    /** The embedding of a frame, [channels, cells, cells], after it has read memories. */
    float[] attend(float[] features, Recollection read) {
        int cells = shape.cells();
        int count = read.memories().size();
        int size = shape.memoryChannels() * cells * cells;
        var all = new float[count * size];
        for (int i = 0; i < count; i++) {
            read.memories().get(i).copyTo(all, i * size);
        }
        int pointers = read.pointers().size();
        var pointed = new float[pointers * shape.channels()];
        var times = new float[pointers];
        for (int i = 0; i < pointers; i++) {
            System.arraycopy(read.pointers().get(i), 0, pointed, i * shape.channels(), shape.channels());
            times[i] = read.times().get(i);
        }
        var inputs = new HashMap<String, Value>();
        inputs.put("embed", embedding(features));
        inputs.put("memories", new Value.Floats(all, count, shape.memoryChannels(), cells, cells));
        inputs.put(
                "rows", new Value.Longs(read.rows().stream().mapToLong(it -> it).toArray(), count));
        inputs.put("pointers", new Value.Floats(pointed, pointers, shape.channels()));
        inputs.put("times", new Value.Floats(times, pointers));
        return attention.run(inputs, "features").data();
    }

    private Value embedding(float[] features) {
        return new Value.FloatPart(features, shape.embedding(), 1, shape.channels(), shape.cells(), shape.cells());
    }

    void reopen() {
        memory.close();
        memory = memories.get();
        attention.close();
        attention = attentions.get();
    }

    @Override
    public void close() {
        maskPrompts.close();
        memory.close();
        attention.close();
    }
}
