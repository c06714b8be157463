package io.github.describeanything.model.onnx;

import java.util.Map;

/**
 * Where a graph runs, and with how many threads. Immutable.
 *
 * @param cuda whether on a CUDA device rather than the CPU
 * @param deviceId which CUDA device
 * @param threads cores that one run of the graph may use
 * @param providerOptions options of the CUDA provider, by ONNX Runtime's names
 */
public record Placement(boolean cuda, int deviceId, int threads, Map<String, String> providerOptions) {
    public Placement {
        providerOptions = Map.copyOf(providerOptions);
    }

    /** The CPU with this many threads. */
    public static Placement cpu(int threads) {
        return new Placement(false, 0, threads, Map.of());
    }

    /** A CUDA device; the arena grows by what is asked for, so that the cache and the graphs share the memory. */
    public static Placement cuda(int deviceId) {
        return new Placement(true, deviceId, 1, Map.of("arena_extend_strategy", "kSameAsRequested"));
    }
}
