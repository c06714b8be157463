package io.github.describeanything.model.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;

/**
 * A graph with inputs and outputs in host memory, run through ONNX Runtime's Java API. Thread-safe; closing waits for
 * runs in progress. Owns its session.
 */
public final class Graph implements AutoCloseable {

    /** Values by name, row-major. */
    public sealed interface Value {
        /**
         * Bytes that {@code writer} writes directly into the graph's zeroed input, so that a large picture is copied
         * once.
         */
        record Bytes(Consumer<ByteBuffer> writer, long... shape) implements Value {}

        /** Integers. */
        record Longs(long[] data, long... shape) implements Value {}

        /** Floats. */
        record Floats(float[] data, long... shape) implements Value {}

        /** Real numbers that are a part of an array, from {@code from} on. */
        record FloatPart(float[] data, int from, long... shape) implements Value {}
    }

    private static final long ALIGNMENT = 64;

    private final OrtSession session;
    /** Runs hold the read lock and closing the write lock: closing a session during a run would crash the process. */
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

    private final Lock device;
    private boolean closed;

    private Graph(OrtSession session, Lock device) {
        this.session = session;
        this.device = device;
    }

    /** Loads a graph to run on {@code placement}. @throws OnnxException if it cannot be loaded */
    public static Graph load(Path file, Placement placement) {
        var environment = NativeLibrary.environment();
        Lock device = CaptureLock.run(placement);
        device.lock();
        try (var options = new OrtSession.SessionOptions()) {
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            options.setIntraOpNumThreads(placement.threads());
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            options.addConfigEntry("session.use_device_allocator_for_initializers", "1");
            if (SaturationProbe.saturates()) {
                options.addConfigEntry("session.x64quantprecision", "1");
            }
            for (var entry : placement.sessionEntries().entrySet()) {
                options.addConfigEntry(entry.getKey(), entry.getValue());
            }
            if (placement.cuda()) {
                try (var cuda = new OrtCUDAProviderOptions(placement.deviceId())) {
                    for (var option : placement.providerOptions().entrySet()) {
                        cuda.add(option.getKey(), option.getValue());
                    }
                    options.addCUDA(cuda);
                }
            }
            return new Graph(environment.createSession(file.toString(), options), device);
        } catch (OrtException e) {
            throw new OnnxException(file.getFileName() + " cannot be loaded: " + e.getMessage(), e);
        } finally {
            device.unlock();
        }
    }

    /** Runs the graph and copies one float output to the heap. */
    public Value.Floats run(Map<String, Value> inputs, String output) {
        return Objects.requireNonNull(run(inputs, Set.of(output)).get(output));
    }

    /** Runs the graph and copies the named float outputs to the heap. @throws OnnxException if it fails or is closed */
    public Map<String, Value.Floats> run(Map<String, Value> inputs, Set<String> outputs) {
        // Inputs are in memory that is freed right after the run. ONNX Runtime would copy heap buffers into direct
        // ones, which live until the garbage collector runs, and a large picture takes megabytes.
        lock.readLock().lock();
        device.lock();
        try (Arena arena = Arena.ofConfined()) {
            if (closed) {
                throw new OnnxException("The graph is closed");
            }
            return run(inputs, outputs, arena);
        } catch (OrtException e) {
            throw new OnnxException("ONNX Runtime failed: " + e.getMessage(), e);
        } finally {
            device.unlock();
            lock.readLock().unlock();
        }
    }

    private Map<String, Value.Floats> run(Map<String, Value> inputs, Set<String> outputs, Arena arena)
            throws OrtException {
        var tensors = new HashMap<String, OnnxTensorLike>();
        try {
            for (var input : inputs.entrySet()) {
                tensors.put(input.getKey(), tensor(input.getValue(), arena));
            }
            try (OrtSession.Result result = session.run(tensors, outputs)) {
                var values = new HashMap<String, Value.Floats>();
                for (String name : outputs) {
                    var tensor = (OnnxTensor) result.get(name).orElseThrow();
                    var data = new float[Math.toIntExact(tensor.getInfo().getNumElements())];
                    tensor.getFloatBuffer().get(data);
                    values.put(name, new Value.Floats(data, tensor.getInfo().getShape()));
                }
                return values;
            }
        } finally {
            tensors.values().forEach(OnnxTensorLike::close);
        }
    }

    private static OnnxTensor tensor(Value value, Arena arena) throws OrtException {
        var environment = NativeLibrary.environment();
        return switch (value) {
            case Value.Bytes bytes -> {
                ByteBuffer buffer = buffer(arena, elements(bytes.shape()));
                bytes.writer().accept(buffer);
                yield OnnxTensor.createTensor(environment, buffer.rewind(), bytes.shape(), OnnxJavaType.UINT8);
            }
            case Value.Longs longs -> {
                LongBuffer buffer =
                        buffer(arena, Long.BYTES * (long) longs.data().length).asLongBuffer();
                buffer.put(longs.data()).flip();
                yield OnnxTensor.createTensor(environment, buffer, longs.shape());
            }
            case Value.Floats floats -> {
                FloatBuffer buffer =
                        buffer(arena, Float.BYTES * (long) floats.data().length).asFloatBuffer();
                buffer.put(floats.data()).flip();
                yield OnnxTensor.createTensor(environment, buffer, floats.shape());
            }
            case Value.FloatPart part -> {
                int size = Math.toIntExact(elements(part.shape()));
                FloatBuffer buffer = buffer(arena, Float.BYTES * (long) size).asFloatBuffer();
                buffer.put(part.data(), part.from(), size).flip();
                yield OnnxTensor.createTensor(environment, buffer, part.shape());
            }
        };
    }

    private static long elements(long[] shape) {
        return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    }

    private static ByteBuffer buffer(Arena arena, long bytes) {
        return arena.allocate(bytes, ALIGNMENT).asByteBuffer().order(ByteOrder.nativeOrder());
    }

    /** Waits for runs in progress. May be called again. */
    @Override
    public void close() {
        lock.writeLock().lock();
        device.lock();
        try {
            if (!closed) {
                closed = true;
                session.close();
            }
        } catch (OrtException e) {
            throw new OnnxException("ONNX Runtime failed: " + e.getMessage(), e);
        } finally {
            device.unlock();
            lock.writeLock().unlock();
        }
    }
}
