package io.github.describeanything.model;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * How a CUDA device is used. Immutable.
 *
 * @param device its number
 * @param memory bytes that each of the two graphs, vision and decoder, may take of it; empty sets no limit
 * @param graphs whether decode runs are captured as CUDA graphs, one for each number of rows
 * @param provider further options of ONNX Runtime's CUDA provider, by its own names
 */
public record CudaOptions(int device, OptionalLong memory, boolean graphs, Map<String, String> provider) {
    /** The first device, without limits. */
    public static final CudaOptions DEFAULT = new CudaOptions(0, OptionalLong.empty(), false, Map.of());

    public CudaOptions {
        provider = Map.copyOf(provider);
        if (device < 0) {
            throw new ModelException("The number of a CUDA device is not negative");
        }
    }

    /** All of it as options of the provider. */
    Map<String, String> providerOptions() {
        var all = new LinkedHashMap<String, String>();
        memory.ifPresent(it -> all.put("gpu_mem_limit", Long.toString(it)));
        all.putAll(provider);
        return all;
    }
}
