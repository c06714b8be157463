package io.github.describeanything.model.decode;

import io.github.describeanything.model.bundle.Bundle;
import io.github.describeanything.model.bundle.Manifest.DecoderShape;
import io.github.describeanything.model.onnx.CacheShape;
import io.github.describeanything.model.onnx.DecoderSession;
import io.github.describeanything.model.onnx.Placement;
import java.util.function.Supplier;

/** The decoder graph of a bundle. Used by one thread, except for {@link #terminate}. */
public final class OnnxDecoder implements Decoder {
    /** Runs of a shape until CUDA has captured it: two normal runs, the capture, a replay. */
    private static final int WARM_RUNS = 4;

    private final Supplier<DecoderSession> loader;
    private final boolean captured;
    private final EmbeddingTable table;
    private final float[] vector;
    private volatile DecoderSession session;

    /**
     * Loads the graph and allocates its cache.
     *
     * @param slots sequences that decode concurrently
     * @param context capacity of a slot in tokens
     * @param chunk maximum tokens of one prefill
     */
    public OnnxDecoder(Bundle bundle, int slots, int context, int chunk, Placement placement) {
        DecoderShape shape = bundle.manifest().decoder();
        this.table = EmbeddingTable.map(bundle.embeddings(), shape);
        this.vector = new float[shape.hiddenSize()];
        this.captured = placement.captured();
        var cache = new CacheShape(
                shape.layers(),
                shape.kvHeads(),
                shape.headDim(),
                shape.hiddenSize(),
                shape.vocabSize(),
                shape.dtype(),
                slots,
                context);
        this.loader = () -> new DecoderSession(bundle.graph("decoder"), cache, chunk, placement);
        this.session = loader.get();
    }

    @Override
    public int slots() {
        return session.shape().slots();
    }

    @Override
    public int context() {
        return session.shape().context();
    }

    @Override
    public int vocabSize() {
        return session.shape().vocabSize();
    }

    @Override
    public int chunk() {
        return session.chunk();
    }

    @Override
    public long cacheBytes() {
        return session.shape().totalBytes();
    }

    @Override
    public void prefill(int slot, MultimodalPrompt prompt, int from, int count) {
        for (int i = 0; i < count; i++) {
            int entry = prompt.entries()[from + i];
            if (entry >= 0) {
                table.read(entry, vector);
                session.embed(i, vector, 0);
            } else {
                session.embed(i, prompt.features().embeddings(), ~entry * vector.length);
            }
        }
        session.prefill(slot, from, count);
    }

    @Override
    public void feed(int slot, int token) {
        table.read(token, vector);
        session.embed(slot, vector, 0);
    }

    /** CUDA graphs are captured for powers of two only, to keep their number small. */
    @Override
    public int bucket(int rows) {
        return captured ? Math.min(slots(), Integer.highestOneBit(Math.max(1, 2 * rows - 1))) : rows;
    }

    @Override
    public void warmUp() {
        var none = new int[slots()];
        for (int rows = 1; ; rows = bucket(rows + 1)) {
            for (int i = 0; i < WARM_RUNS; i++) {
                session.decode(rows, none);
            }
            if (rows == slots()) {
                break;
            }
        }
        for (int count = chunk(); count >= 1; count /= 2) {
            session.prefill(0, 0, count);
        }
    }

    @Override
    public void decode(int rows, int[] computed) {
        session.decode(rows, computed);
    }

    @Override
    public void logits(int row, float[] into) {
        session.logits(row, into);
    }

    @Override
    public boolean movable() {
        return session.movable();
    }

    @Override
    public void move(int from, int to, int tokens) {
        session.move(from, to, tokens);
    }

    @Override
    public void reopen() {
        session.close();
        session = loader.get();
        if (!movable()) {
            warmUp();
        }
    }

    @Override
    public void terminate() {
        session.terminate();
    }

    @Override
    public void close() {
        session.close();
    }
}
