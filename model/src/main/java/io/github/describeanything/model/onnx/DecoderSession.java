package io.github.describeanything.model.onnx;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.github.describeanything.model.bundle.Bfloat16;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The decoder graph bound to a KV cache that never leaves the device. Used by one platform thread at a time; owns every
 * native handle through one arena.
 *
 * <p>CPU and CUDA differ only in the memory of the cache: embeddings come from host memory and logits return to it. If
 * runs are captured as CUDA graphs, both go through device buffers at fixed addresses.
 */
public final class DecoderSession implements AutoCloseable {
    private static final int LOG_WARNING = 2;
    private static final int NOT_CAPTURED = -1;

    private final OrtApi api = OrtApi.get();
    private final Arena arena = Arena.ofShared();
    private final CacheShape shape;
    private final int chunk;
    private final MemorySegment session;
    private final MemorySegment prefillOptions;
    private final MemorySegment[] decodeOptions;
    private final DeviceMemory host;
    private final KvCache cache;
    private final MemorySegment embeddings;
    private final MemorySegment lengths;
    private final MemorySegment total;
    private final MemorySegment logits;
    private final Optional<Staged> staged;
    private final MemorySegment[] decodeBindings;
    private final MemorySegment[] prefillBindings;
    private boolean closed;

    /** Device buffers for inputs and outputs. */
    private record Staged(Staging embeddings, Staging lengths, Staging logits) {}

    /**
     * Loads the graph and allocates its cache.
     *
     * @param chunk maximum tokens of one {@link #prefill}
     * @throws OnnxException if the graph cannot be loaded or there is not enough memory
     */
    public DecoderSession(Path file, CacheShape shape, int chunk, Placement placement) {
        this.shape = shape;
        this.chunk = chunk;
        try {
            NativeLibrary.environment();
            // The library has one environment per process: this returns the Java API's.
            MemorySegment environment = api.create(api.createEnv, LOG_WARNING, arena.allocateFrom("describe-anything"));
            session = owned(SessionFile.open(environment, file, placement), Handle.SESSION);
            host = DeviceMemory.host(session, arena);
            DeviceMemory device = placement.cuda() ? DeviceMemory.of(placement, session, arena) : host;
            cache = new KvCache(shape, device, arena);
            int rows = Math.max(shape.slots(), chunk);
            embeddings = arena.allocate((long) rows * shape.hiddenSize() * shape.elementBytes(), 64);
            lengths = arena.allocate((long) shape.slots() * Integer.BYTES, 64);
            total = arena.allocate(Integer.BYTES, 64);
            logits = arena.allocate((long) shape.slots() * shape.vocabSize() * Float.BYTES, 64);
            total.set(JAVA_INT, 0, shape.context());
            staged = placement.captured()
                    ? Optional.of(new Staged(
                            new Staging(device, embeddings, shape.elementType()),
                            new Staging(device, lengths, ElementType.INT32),
                            new Staging(device, logits, ElementType.FLOAT)))
                    : Optional.empty();
            prefillOptions = runOptions(NOT_CAPTURED);
            decodeOptions = new MemorySegment[shape.slots() + 1];
            for (int i = 1; i < decodeOptions.length; i++) {
                decodeOptions[i] = staged.isPresent() ? runOptions(i) : prefillOptions;
            }
            decodeBindings = new MemorySegment[shape.slots() + 1];
            prefillBindings = new MemorySegment[shape.slots()];
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    /** Dimensions, slots and context included. */
    public CacheShape shape() {
        return shape;
    }

    /** Maximum tokens of one {@link #prefill}. */
    public int chunk() {
        return chunk;
    }

    /**
     * Writes an embedding into the input of the next run.
     *
     * @param row the slot when decoding, the index within the chunk when prefilling
     */
    public void embed(int row, float[] vector, int offset) {
        long start = (long) row * shape.hiddenSize();
        switch (shape.dtype()) {
            case FLOAT32 ->
                MemorySegment.copy(vector, offset, embeddings, JAVA_FLOAT, start * Float.BYTES, shape.hiddenSize());
            case FLOAT16 -> {
                for (int i = 0; i < shape.hiddenSize(); i++) {
                    embeddings.setAtIndex(JAVA_SHORT, start + i, Float.floatToFloat16(vector[offset + i]));
                }
            }
            case BFLOAT16 -> {
                for (int i = 0; i < shape.hiddenSize(); i++) {
                    embeddings.setAtIndex(JAVA_SHORT, start + i, Bfloat16.of(vector[offset + i]));
                }
            }
        }
    }

    /**
     * Decodes one token in each of the slots [0, rows).
     *
     * @param computed tokens in each slot before this one
     */
    public void decode(int rows, int[] computed) {
        MemorySegment binding = decodeBindings[rows];
        if (binding == null) {
            binding = bind(0, rows);
            decodeBindings[rows] = binding;
        }
        MemorySegment.copy(computed, 0, lengths, JAVA_INT, 0, rows);
        run(binding, decodeOptions[rows], rows, 1);
    }

    /**
     * Prefills {@code count} tokens of one slot; row 0 then holds the logits of the last one.
     *
     * @param computed tokens in the slot before these
     */
    public void prefill(int slot, int computed, int count) {
        MemorySegment binding = prefillBindings[slot];
        if (binding == null) {
            binding = bind(slot, 1);
            prefillBindings[slot] = binding;
        }
        lengths.set(JAVA_INT, 0, computed + count - 1);
        run(binding, prefillOptions, 1, count);
    }

    /** Copies the logits of one row of the last run. */
    public void logits(int row, float[] into) {
        MemorySegment.copy(
                logits, JAVA_FLOAT, (long) row * shape.vocabSize() * Float.BYTES, into, 0, shape.vocabSize());
    }

    /** Whether {@link #move} is supported on this device. */
    public boolean movable() {
        return cache.movable();
    }

    /** Copies the first tokens of one slot over those of another. */
    public void move(int from, int to, int tokens) {
        cache.move(from, to, tokens);
    }

    /** Aborts a run in progress, for shutdown. May be called by any thread. */
    public synchronized void terminate() {
        if (closed) {
            return;
        }
        api.call(api.setTerminate, prefillOptions);
        for (int i = 1; i < decodeOptions.length; i++) {
            api.call(api.setTerminate, decodeOptions[i]);
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            arena.close();
            closed = true;
        }
    }

    private void run(MemorySegment binding, MemorySegment options, int rows, int tokens) {
        try (Arena scratch = Arena.ofConfined()) {
            long[] dims = {rows, tokens, shape.hiddenSize()};
            if (staged.isPresent()) {
                Staged it = staged.get();
                it.embeddings.upload(dims);
                it.lengths.upload(rows);
                bindInput(scratch, binding, "inputs_embeds", it.embeddings.tensor(scratch, dims));
                bindInput(scratch, binding, "seqlens_k", it.lengths.tensor(scratch, rows));
                api.call(api.runWithBinding, session, options, binding);
                it.logits.download(rows, shape.vocabSize());
            } else {
                // Bound before every run, because binding copies host memory to the device.
                bindInput(
                        scratch, binding, "inputs_embeds", host.tensor(scratch, embeddings, shape.elementType(), dims));
                bindInput(scratch, binding, "seqlens_k", host.tensor(scratch, lengths, ElementType.INT32, rows));
                api.call(api.runWithBinding, session, options, binding);
            }
        }
    }

    private void bindInput(Arena scratch, MemorySegment binding, String name, MemorySegment value) {
        api.call(api.bindInput, binding, scratch.allocateFrom(name), value);
    }

    private void bindOutput(Arena scratch, MemorySegment binding, String name, MemorySegment value) {
        api.call(api.bindOutput, binding, scratch.allocateFrom(name), value);
    }

    /** An I/O binding over the cache of slots [first, first + rows). */
    private MemorySegment bind(int first, int rows) {
        MemorySegment binding = owned(api.create(api.createIoBinding, session), Handle.IO_BINDING);
        try (Arena scratch = Arena.ofConfined()) {
            for (int layer = 0; layer < shape.layers(); layer++) {
                MemorySegment keys = cache.keys(layer, first, rows);
                MemorySegment values = cache.values(layer, first, rows);
                bindInput(scratch, binding, "past_key." + layer, keys);
                bindInput(scratch, binding, "past_value." + layer, values);
                bindOutput(scratch, binding, "present_key." + layer, keys);
                bindOutput(scratch, binding, "present_value." + layer, values);
            }
            // The operator reads this input on the host, wherever the graph runs.
            bindInput(scratch, binding, "total_sequence_length", host.tensor(scratch, total, ElementType.INT32));
            MemorySegment out = staged.isPresent()
                    ? staged.get().logits.tensor(arena, rows, shape.vocabSize())
                    : host.tensor(arena, logits, ElementType.FLOAT, rows, shape.vocabSize());
            bindOutput(scratch, binding, "logits", out);
        }
        return binding;
    }

    /** Run options with the id of the CUDA graph, or {@link #NOT_CAPTURED}. */
    private MemorySegment runOptions(int graph) {
        MemorySegment options = owned(api.create(api.createRunOptions), Handle.RUN_OPTIONS);
        if (staged.isPresent()) {
            try (Arena scratch = Arena.ofConfined()) {
                api.call(
                        api.addRunConfigEntry,
                        options,
                        scratch.allocateFrom("gpu_graph_id"),
                        scratch.allocateFrom(Integer.toString(graph)));
            }
        }
        return options;
    }

    /** Kinds of native handles, by how they are released. */
    private enum Handle {
        SESSION,
        RUN_OPTIONS,
        IO_BINDING
    }

    private MemorySegment owned(MemorySegment handle, Handle kind) {
        return handle.reinterpret(arena, it -> {
            switch (kind) {
                case SESSION -> api.release(api.releaseSession, it);
                case RUN_OPTIONS -> api.release(api.releaseRunOptions, it);
                case IO_BINDING -> api.release(api.releaseIoBinding, it);
            }
        });
    }
}
