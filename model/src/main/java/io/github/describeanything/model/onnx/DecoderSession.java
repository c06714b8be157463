package io.github.describeanything.model.onnx;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.File;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The decoder graph bound to a cache that never leaves the device. Used by one platform thread at a time; owns every
 * native handle through one arena.
 *
 * <p>CPU and CUDA differ in the memory info of the cache and in nothing else: embeddings go in from host memory and
 * logits come back to it.
 */
public final class DecoderSession implements AutoCloseable {
    private static final int ALLOCATOR_DEVICE = 0;
    private static final int ALLOCATOR_ARENA = 1;
    private static final int MEMORY_DEFAULT = 0;
    private static final int OPTIMISE_ALL = 99;
    private static final int LOG_WARNING = 2;

    private final OrtApi api = OrtApi.get();
    private final Arena arena = Arena.ofShared();
    private final CacheShape shape;
    private final int chunk;
    private final MemorySegment session;
    private final MemorySegment runOptions;
    private final MemorySegment hostMemory;
    private final KvCache cache;
    private final MemorySegment embeddings;
    private final MemorySegment lengths;
    private final MemorySegment total;
    private final MemorySegment logits;
    private final MemorySegment[] decodeBindings;
    private final MemorySegment[] prefillBindings;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Loads the graph and takes the memory of its cache.
     *
     * @param chunk most positions of one {@link #prefill}
     * @throws OnnxException if the graph cannot be loaded or the memory cannot be had
     */
    public DecoderSession(Path file, CacheShape shape, int chunk, Placement placement) {
        this.shape = shape;
        this.chunk = chunk;
        try {
            NativeLibrary.environment();
            MemorySegment environment = environment();
            session = open(environment, file, placement);
            runOptions = owned(api.create(api.createRunOptions), Handle.RUN_OPTIONS);
            hostMemory =
                    owned(api.create(api.createCpuMemoryInfo, ALLOCATOR_ARENA, MEMORY_DEFAULT), Handle.MEMORY_INFO);
            MemorySegment deviceMemory = placement.cuda()
                    ? owned(
                            api.create(
                                    api.createMemoryInfo,
                                    arena.allocateFrom("Cuda"),
                                    ALLOCATOR_DEVICE,
                                    placement.deviceId(),
                                    MEMORY_DEFAULT),
                            Handle.MEMORY_INFO)
                    : hostMemory;
            cache = new KvCache(shape, session, deviceMemory, !placement.cuda(), arena);
            int rows = Math.max(shape.slots(), chunk);
            embeddings = arena.allocate((long) rows * shape.hiddenSize() * shape.elementBytes(), 64);
            lengths = arena.allocate((long) shape.slots() * Integer.BYTES, 64);
            total = arena.allocate(Integer.BYTES, 64);
            logits = arena.allocate((long) shape.slots() * shape.vocabSize() * Float.BYTES, 64);
            decodeBindings = new MemorySegment[shape.slots() + 1];
            prefillBindings = new MemorySegment[shape.slots()];
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /** Dimensions, slots and context included. */
    public CacheShape shape() {
        return shape;
    }

    /** Most positions of one {@link #prefill}. */
    public int chunk() {
        return chunk;
    }

    /**
     * Puts an embedding where the next run reads row {@code row}: the row's slot when decoding, the position within the
     * chunk when prefilling.
     */
    public void embed(int row, float[] vector, int offset) {
        long start = (long) row * shape.hiddenSize();
        if (shape.half()) {
            for (int i = 0; i < shape.hiddenSize(); i++) {
                embeddings.setAtIndex(JAVA_SHORT, start + i, Float.floatToFloat16(vector[offset + i]));
            }
        } else {
            MemorySegment.copy(vector, offset, embeddings, JAVA_FLOAT, start * Float.BYTES, shape.hiddenSize());
        }
    }

    /**
     * Writes one further position of each of the slots [0, rows).
     *
     * @param held positions in each slot before this one
     */
    public void decode(int rows, int[] held) {
        MemorySegment binding = decodeBindings[rows];
        if (binding == null) {
            binding = bind(0, rows);
            decodeBindings[rows] = binding;
        }
        MemorySegment.copy(held, 0, lengths, JAVA_INT, 0, rows);
        run(binding, rows, 1);
    }

    /**
     * Writes {@code count} further positions of one slot; the logits of the last are row 0.
     *
     * @param held positions in the slot before these
     */
    public void prefill(int slot, int held, int count) {
        MemorySegment binding = prefillBindings[slot];
        if (binding == null) {
            binding = bind(slot, 1);
            prefillBindings[slot] = binding;
        }
        lengths.set(JAVA_INT, 0, held + count - 1);
        run(binding, 1, count);
    }

    /** Copies the logits of one row of the last run. */
    public void logits(int row, float[] into) {
        MemorySegment.copy(
                logits, JAVA_FLOAT, (long) row * shape.vocabSize() * Float.BYTES, into, 0, shape.vocabSize());
    }

    /** Whether {@link #move} works here. */
    public boolean movable() {
        return cache.movable();
    }

    /** Copies the first {@code positions} of one slot's cache over another's. */
    public void move(int from, int to, int positions) {
        cache.move(from, to, positions);
    }

    /** Makes a run in progress fail soon; for shutting down. May be called by any thread. */
    public void terminate() {
        if (!closed.get()) {
            api.call(api.setTerminate, runOptions);
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            arena.close();
        }
    }

    private void run(MemorySegment binding, int rows, int positions) {
        total.set(JAVA_INT, 0, shape.context());
        try (Arena scratch = Arena.ofConfined()) {
            // Bound anew for every run: on a device that is when host memory is copied there.
            bindInput(
                    scratch, binding, "inputs_embeds", embeddings, elementType(), rows, positions, shape.hiddenSize());
            bindInput(scratch, binding, "seqlens_k", lengths, Tensors.INT32, rows);
            api.call(api.runWithBinding, session, runOptions, binding);
        }
    }

    private void bindInput(
            Arena scratch, MemorySegment binding, String name, MemorySegment data, int type, long... dims) {
        MemorySegment value = tensor(scratch, data, type, dims);
        api.call(api.bindInput, binding, scratch.allocateFrom(name), value);
    }

    /** A binding whose cache is that of slots [first, first + rows). */
    private MemorySegment bind(int first, int rows) {
        MemorySegment binding = owned(api.create(api.createIoBinding, session), Handle.IO_BINDING);
        try (Arena scratch = Arena.ofConfined()) {
            for (int layer = 0; layer < shape.layers(); layer++) {
                MemorySegment keys = cache.keys(layer, first, rows);
                MemorySegment values = cache.values(layer, first, rows);
                api.call(api.bindInput, binding, scratch.allocateFrom("past_key." + layer), keys);
                api.call(api.bindInput, binding, scratch.allocateFrom("past_value." + layer), values);
                api.call(api.bindOutput, binding, scratch.allocateFrom("present_key." + layer), keys);
                api.call(api.bindOutput, binding, scratch.allocateFrom("present_value." + layer), values);
            }
            bindInput(scratch, binding, "total_sequence_length", total, Tensors.INT32);
            MemorySegment out = tensor(arena, logits, Tensors.FLOAT, rows, shape.vocabSize());
            api.call(api.bindOutput, binding, scratch.allocateFrom("logits"), out);
        }
        return binding;
    }

    /** A tensor over the start of host memory, released with {@code owner}; a binding keeps its own reference. */
    private MemorySegment tensor(Arena owner, MemorySegment data, int type, long... dims) {
        long elements = 1;
        for (long dim : dims) {
            elements *= dim;
        }
        int size = type == Tensors.FLOAT16 ? 2 : 4;
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment sizes = dims.length == 0 ? MemorySegment.NULL : scratch.allocateFrom(JAVA_LONG, dims);
            return api.create(
                            api.createTensorWithData,
                            hostMemory,
                            data,
                            elements * size,
                            sizes,
                            (long) dims.length,
                            type)
                    .reinterpret(owner, it -> api.release(api.releaseValue, it));
        }
    }

    private int elementType() {
        return shape.half() ? Tensors.FLOAT16 : Tensors.FLOAT;
    }

    private MemorySegment environment() {
        // The library keeps one environment a process: this is the Java API's.
        return api.create(api.createEnv, LOG_WARNING, arena.allocateFrom("describe-anything"));
    }

    private MemorySegment open(MemorySegment environment, Path file, Placement placement) {
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment options = api.create(api.createSessionOptions)
                    .reinterpret(scratch, it -> api.release(api.releaseSessionOptions, it));
            api.call(api.setGraphOptimizationLevel, options, OPTIMISE_ALL);
            api.call(api.setIntraOpNumThreads, options, placement.threads());
            // Lengths change from run to run: planning memory by shape would only hold on to it.
            api.call(api.disableMemPattern, options);
            configure(scratch, options, "session.intra_op.allow_spinning", "0");
            configure(scratch, options, "session.use_device_allocator_for_initializers", "1");
            if (placement.cuda()) {
                appendCuda(scratch, options, placement);
            }
            MemorySegment opened = api.create(api.createSession, environment, path(scratch, file), options);
            return owned(opened, Handle.SESSION);
        } catch (OnnxException e) {
            throw new OnnxException(file.getFileName() + " cannot be loaded: " + e.getMessage(), e);
        }
    }

    private void configure(Arena scratch, MemorySegment options, String key, String value) {
        api.call(api.addSessionConfigEntry, options, scratch.allocateFrom(key), scratch.allocateFrom(value));
    }

    private void appendCuda(Arena scratch, MemorySegment options, Placement placement) {
        MemorySegment cuda =
                api.create(api.createCudaOptions).reinterpret(scratch, it -> api.release(api.releaseCudaOptions, it));
        var settings = new java.util.LinkedHashMap<>(placement.providerOptions());
        settings.put("device_id", Integer.toString(placement.deviceId()));
        MemorySegment keys = scratch.allocate(ADDRESS, settings.size());
        MemorySegment values = scratch.allocate(ADDRESS, settings.size());
        int i = 0;
        for (var setting : settings.entrySet()) {
            keys.setAtIndex(ADDRESS, i, scratch.allocateFrom(setting.getKey()));
            values.setAtIndex(ADDRESS, i, scratch.allocateFrom(setting.getValue()));
            i++;
        }
        api.call(api.updateCudaOptions, cuda, keys, values, (long) settings.size());
        api.call(api.appendCuda, options, cuda);
    }

    /** A path as the C API wants it: UTF-16 on Windows, UTF-8 elsewhere. */
    private static MemorySegment path(Arena scratch, Path file) {
        return scratch.allocateFrom(
                file.toAbsolutePath().toString(),
                File.separatorChar == '\\' ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_8);
    }

    /** What a handle is, and so how it is given back. */
    private enum Handle {
        SESSION,
        RUN_OPTIONS,
        MEMORY_INFO,
        IO_BINDING
    }

    private MemorySegment owned(MemorySegment handle, Handle kind) {
        return handle.reinterpret(arena, it -> {
            switch (kind) {
                case SESSION -> api.release(api.releaseSession, it);
                case RUN_OPTIONS -> api.release(api.releaseRunOptions, it);
                case MEMORY_INFO -> api.release(api.releaseMemoryInfo, it);
                case IO_BINDING -> api.release(api.releaseIoBinding, it);
            }
        });
    }
}
