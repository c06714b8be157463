package io.github.describeanything.model.decode;

import io.github.describeanything.model.bundle.Bundle;
import io.github.describeanything.model.bundle.Manifest.DType;
import io.github.describeanything.model.bundle.Manifest.DecoderShape;
import io.github.describeanything.model.onnx.CacheShape;
import io.github.describeanything.model.onnx.DecoderSession;
import io.github.describeanything.model.onnx.Placement;
import java.util.function.Supplier;

/** The language model over slots: prompts in by chunks, tokens in one a slot, logits out. Used by one thread. */
public final class Decoder implements AutoCloseable {
    /** Runs of one shape until CUDA has captured it: two plain ones, the capture, a replay. */
    private static final int WARM_RUNS = 4;

    private final Supplier<DecoderSession> loader;
    private final boolean captured;
    private final EmbeddingTable table;
    private final float[] vector;
    private volatile DecoderSession session;
    private boolean lost;

    /**
     * Loads {@code decoder.onnx} and takes the memory of its cache.
     *
     * @param slots sequences side by side
     * @param context positions a slot holds
     * @param chunk most positions of one prefill
     */
    public Decoder(Bundle bundle, int slots, int context, int chunk, Placement placement) {
        DecoderShape shape = bundle.manifest().decoder();
        this.table = EmbeddingTable.map(bundle.file("embed_tokens.bin"), shape);
        this.vector = new float[shape.hiddenSize()];
        this.captured = placement.captured();
        var cache = new CacheShape(
                shape.layers(),
                shape.kvHeads(),
                shape.headDim(),
                shape.hiddenSize(),
                shape.vocabSize(),
                shape.dtype() == DType.FLOAT16,
                slots,
                context);
        this.loader = () -> new DecoderSession(bundle.file("decoder.onnx"), cache, chunk, placement);
        this.session = loader.get();
    }

    public int slots() {
        return session.shape().slots();
    }

    public int context() {
        return session.shape().context();
    }

    public int vocabSize() {
        return session.shape().vocabSize();
    }

    /** Most positions of one {@link #prefill}. */
    public int chunk() {
        return session.chunk();
    }

    /** Bytes of the cache. */
    public long cacheBytes() {
        return session.shape().totalBytes();
    }

    /**
     * Runs {@code count} positions of a prompt; the logits after the last of them are row 0.
     *
     * @param from the first of them, and so the number of positions that the slot holds already
     */
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

    /** Sets the token that the next {@link #decode} reads in a slot. */
    public void feed(int slot, int token) {
        table.read(token, vector);
        session.embed(slot, vector, 0);
    }

    /**
     * How many rows a run over so many should have: captured graphs exist for powers of two only, so that they are few.
     */
    public int bucket(int rows) {
        return captured ? Math.min(slots(), Integer.highestOneBit(Math.max(1, 2 * rows - 1))) : rows;
    }

    /** Does every shape of run once, or until it is captured. Leaves nothing behind that a slot would miss. */
    public void warmUp() {
        var held = new int[slots()];
        for (int rows = 1; ; rows = bucket(rows + 1)) {
            for (int i = 0; i < WARM_RUNS; i++) {
                session.decode(rows, held);
            }
            if (rows == slots()) {
                break;
            }
        }
        for (int count = chunk(); count >= 1; count /= 2) {
            session.prefill(0, 0, count);
        }
    }

    /** Loads the graph anew and takes fresh memory: after memory ran out, a session on a device is of no more use. */
    public void reload() {
        if (!lost) {
            lost = true;
            session.close();
        }
        session = loader.get();
        lost = false;
        warmUp();
    }

    /** Whether the last {@link #reload} failed, so that it has to be tried again. */
    public boolean lost() {
        return lost;
    }

    /** Runs one position in each of the slots [0, rows). @param held positions in each slot so far */
    public void decode(int rows, int[] held) {
        session.decode(rows, held);
    }

    /** Copies the logits of one row of the last run, [vocab_size]. */
    public void logits(int row, float[] into) {
        session.logits(row, into);
    }

    /** Whether {@link #move} works on this device. */
    public boolean movable() {
        return session.movable();
    }

    /** Copies the first positions of one slot over another. */
    public void move(int from, int to, int positions) {
        session.move(from, to, positions);
    }

    /** Makes a run in progress fail soon; for shutting down. May be called by any thread. */
    public void terminate() {
        session.terminate();
    }

    @Override
    public void close() {
        if (!lost) {
            session.close();
        }
    }
}
