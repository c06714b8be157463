package io.github.describeanything.model.onnx;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where a graph runs, and with how many threads. Immutable.
 *
 * @param cuda whether on a CUDA device rather than the CPU
 * @param deviceId which CUDA device
 * @param threads threads of one run of the graph
 * @param captured whether decode runs use device buffers at fixed addresses, so that CUDA can capture them as graphs,
 *     one per batch size
 * @param providerOptions options of the CUDA provider, by ONNX Runtime's names
 */
public record Placement(
        boolean cuda, int deviceId, int threads, boolean captured, Map<String, String> providerOptions) {
    public Placement {
        providerOptions = Map.copyOf(providerOptions);
    }

    /** The CPU with this many threads. */
    public static Placement cpu(int threads) {
        return new Placement(false, 0, threads, false, Map.of());
    }

    /**
     * A CUDA device. By default the memory arena grows only by what is requested, so that cache and graphs share the
     * memory.
     */
    public static Placement cuda(int deviceId, boolean captured, Map<String, String> providerOptions) {
        var all = new LinkedHashMap<>(Map.of("arena_extend_strategy", "kSameAsRequested"));
        all.putAll(providerOptions);
        return new Placement(true, deviceId, 1, captured, all);
    }
}
