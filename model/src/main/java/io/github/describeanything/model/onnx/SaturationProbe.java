package io.github.describeanything.model.onnx;

import ai.onnxruntime.OnnxJavaType;
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
 * Detects processors that saturate sums of byte products at 16 bits, as x86 without VNNI does (VPMADDUBSW), by
 * multiplying the largest values in a graph that the exporter wrote. Stateless.
 */
final class SaturationProbe {
    private static final int ROWS = 8;
    private static final int INPUTS = 64;
    private static final float EXACT = 255 * 127 * INPUTS;

    private SaturationProbe() {}

    /** Whether this processor saturates; computed once. */
    static boolean saturates() {
        return Answer.SATURATES;
    }

    private static final class Answer {
        static final boolean SATURATES = probe(NativeLibrary.environment());
    }

    private static boolean probe(OrtEnvironment environment) {
        var largest = ByteBuffer.allocateDirect(ROWS * INPUTS);
        while (largest.hasRemaining()) {
            largest.put((byte) 255);
        }
        try (InputStream file = Objects.requireNonNull(SaturationProbe.class.getResourceAsStream("pairs.onnx"));
                var session = environment.createSession(file.readAllBytes());
                var bytes = OnnxTensor.createTensor(
                        environment, largest.flip(), new long[] {ROWS, INPUTS}, OnnxJavaType.UINT8);
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
