package io.github.describeanything.model.onnx;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where a graph runs, and with how many threads. Immutable.
 *
 * @param cuda whether on a CUDA device rather than the CPU
 * @param deviceId which CUDA device
 * @param threads cores that one run of the graph may use
 * @param captured whether decode runs use buffers at fixed addresses on the device, so that CUDA can capture them as
 *     graphs, one for each number of batch rows
 * @param options options of the CUDA provider, by ONNX Runtime's names; those that begin with {@code ep.} are entries of
 *     the session's configuration
 */
public record Placement(boolean cuda, int deviceId, int threads, boolean captured, Map<String, String> options) {
    private static final String OF_THE_SESSION = "ep.";

    public Placement {
        options = Map.copyOf(options);
    }

    /** The options that the provider takes when it is made. */
    Map<String, String> providerOptions() {
        var all = new LinkedHashMap<>(options);
        all.keySet().removeIf(it -> it.startsWith(OF_THE_SESSION));
        return all;
    }

    /** The options that the provider reads from the session's configuration. */
    Map<String, String> sessionEntries() {
        var all = new LinkedHashMap<>(options);
        all.keySet().removeIf(it -> !it.startsWith(OF_THE_SESSION));
        return all;
    }

    /** The CPU with this many threads. */
    public static Placement cpu(int threads) {
        return new Placement(false, 0, threads, false, Map.of());
    }

    /**
     * A CUDA device. Unless an option says otherwise the memory arena grows by just what is requested, so that cache and
     * graphs share the memory.
     */
    public static Placement cuda(int deviceId, boolean captured, Map<String, String> options) {
        var all = new LinkedHashMap<>(Map.of("arena_extend_strategy", "kSameAsRequested"));
        all.putAll(options);
        return new Placement(true, deviceId, 1, captured, all);
    }
}
