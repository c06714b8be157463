package io.github.describeanything.model.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

/**
 * Whether this processor cuts sums of products of bytes to 16 bits, as x86 without VNNI does (VPMADDUBSW). ONNX Runtime
 * is asked, by a product of the largest values there are; {@code onnx_export.core.saturation} writes the graph.
 */
final class Pairs {
    private static final int ROWS = 8;
    private static final int INPUTS = 64;
    private static final float EXACT = 255 * 127 * INPUTS;

    private Pairs() {}

    /** The answer, found once. */
    static boolean saturate() {
        return Answer.SATURATE;
    }

    private static final class Answer {
        static final boolean SATURATE = ask(NativeLibrary.environment());
    }

    private static boolean ask(OrtEnvironment environment) {
        var largest = ByteBuffer.allocateDirect(ROWS * INPUTS);
        while (largest.hasRemaining()) {
            largest.put((byte) 255);
        }
        try (InputStream file = Objects.requireNonNull(Pairs.class.getResourceAsStream("pairs.onnx"));
                var session = environment.createSession(file.readAllBytes());
                var bytes = OnnxTensor.createTensor(
                        environment, largest.flip(), new long[] {ROWS, INPUTS}, ai.onnxruntime.OnnxJavaType.UINT8);
                var result = session.run(Map.of("bytes", bytes))) {
            var sums = (OnnxTensor) result.get("sums").orElseThrow();
            for (float[] row : (float[][]) sums.getValue()) {
                if (!Arrays.equals(row, exact(row.length))) {
                    return true;
                }
            }
            return false;
        } catch (OrtException e) {
            throw new OnnxException("ONNX Runtime failed: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static float[] exact(int length) {
        var row = new float[length];
        Arrays.fill(row, EXACT);
        return row;
    }
}
