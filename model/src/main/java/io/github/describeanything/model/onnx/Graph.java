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
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A graph whose inputs and outputs live in host memory, run through ONNX Runtime's Java API. Thread-safe; owns its
 * session.
 */
public final class Graph implements AutoCloseable {

    /** Values by name, row-major. */
    public sealed interface Value {
        /** Colour bytes. */
        record Bytes(byte[] data, long... shape) implements Value {}

        /** Integers. */
        record Longs(long[] data, long... shape) implements Value {}

        /** Real numbers. */
        record Floats(float[] data, long... shape) implements Value {}
    }

    private static final long ALIGNMENT = 64;

    private final OrtSession session;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Graph(OrtSession session) {
        this.session = session;
    }

    /** Loads a graph to run on {@code placement}. @throws OnnxException if it cannot be loaded */
    public static Graph load(Path file, Placement placement) {
        var environment = NativeLibrary.environment();
        try (var options = new OrtSession.SessionOptions()) {
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            options.setIntraOpNumThreads(placement.threads());
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            options.addConfigEntry("session.use_device_allocator_for_initializers", "1");
            if (Pairs.saturate()) {
                options.addConfigEntry("session.x64quantprecision", "1");
            }
            if (placement.cuda()) {
                try (var cuda = new OrtCUDAProviderOptions(placement.deviceId())) {
                    for (var option : placement.providerOptions().entrySet()) {
                        cuda.add(option.getKey(), option.getValue());
                    }
                    options.addCUDA(cuda);
                }
            }
            return new Graph(environment.createSession(file.toString(), options));
        } catch (OrtException e) {
            throw new OnnxException(file.getFileName() + " cannot be loaded: " + e.getMessage(), e);
        }
    }

    /** Runs the graph and copies one float output to the heap. */
    public Value.Floats run(Map<String, Value> inputs, String output) {
        return Objects.requireNonNull(run(inputs, Set.of(output)).get(output));
    }

    /** Runs the graph and copies the named float outputs to the heap. */
    public Map<String, Value.Floats> run(Map<String, Value> inputs, Set<String> outputs) {
        // Inputs lie in memory that is given back at once. Buffers of the heap would be copied into direct ones, which
        // stay until the garbage collector finds a reason to run, and a large picture is megabytes.
        try (Arena arena = Arena.ofConfined()) {
            return run(inputs, outputs, arena);
        } catch (OrtException e) {
            throw new OnnxException("ONNX Runtime failed: " + e.getMessage(), e);
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
                ByteBuffer buffer = buffer(arena, bytes.data().length);
                buffer.put(bytes.data()).flip();
                yield OnnxTensor.createTensor(environment, buffer, bytes.shape(), OnnxJavaType.UINT8);
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
        };
    }

    private static ByteBuffer buffer(Arena arena, long bytes) {
        return arena.allocate(bytes, ALIGNMENT).asByteBuffer().order(ByteOrder.nativeOrder());
    }

    /** May be called again. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            session.close();
        } catch (OrtException e) {
            throw new OnnxException("ONNX Runtime failed: " + e.getMessage(), e);
        }
    }
}
