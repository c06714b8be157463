package io.github.describeanything.model.decode;

import io.github.describeanything.model.bundle.Bundle;
import io.github.describeanything.model.bundle.Manifest.DType;
import io.github.describeanything.model.bundle.Manifest.DecoderShape;
import io.github.describeanything.model.onnx.CacheShape;
import io.github.describeanything.model.onnx.DecoderSession;
import io.github.describeanything.model.onnx.Placement;
import java.util.function.Supplier;

/** The decoder graph of a bundle. Used by one thread, but for {@link #terminate}. */
public final class OnnxDecoder implements Decoder {
    private final Supplier<DecoderSession> sessions;
    private volatile DecoderSession session;
    private final EmbeddingTable table;
    private final float[] vector;

    /**
     * Loads {@code decoder.onnx} and takes the memory of its cache.
     *
     * @param slots sequences side by side
     * @param context positions a slot holds
     * @param chunk most positions of one prefill
     */
    public OnnxDecoder(Bundle bundle, int slots, int context, int chunk, Placement placement) {
        DecoderShape shape = bundle.manifest().decoder();
        this.table = EmbeddingTable.map(bundle.file("embed_tokens.bin"), shape);
        this.vector = new float[shape.hiddenSize()];
        var cache = new CacheShape(
                shape.layers(),
                shape.kvHeads(),
                shape.headDim(),
                shape.hiddenSize(),
                shape.vocabSize(),
                shape.dtype() == DType.FLOAT16,
                slots,
                context);
        this.sessions = () -> new DecoderSession(bundle.file("decoder.onnx"), cache, chunk, placement);
        this.session = sessions.get();
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
    public void prefill(int slot, Splice prompt, int from, int count) {
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

    @Override
    public void decode(int rows, int[] held) {
        session.decode(rows, held);
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
    public void move(int from, int to, int positions) {
        session.move(from, to, positions);
    }

    @Override
    public void reopen() {
        session.close();
        session = sessions.get();
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
