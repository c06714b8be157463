package io.github.describeanything.model;

import io.github.describeanything.model.api.ModelException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * How a CUDA device is used. Immutable.
 *
 * @param device index of the device
 * @param memory bytes of device memory that each of the two graphs, vision and decoder, may use; empty means no limit
 * @param graphs whether decode runs are captured as CUDA graphs, one for each number of batch rows
 * @param provider further options of ONNX Runtime's CUDA provider, by its names
 */
public record CudaOptions(int device, OptionalLong memory, boolean graphs, Map<String, String> provider) {
    /** The first device, without limits. */
    public static final CudaOptions DEFAULT = new CudaOptions(0, OptionalLong.empty(), false, Map.of());

    public CudaOptions {
        provider = Map.copyOf(provider);
        if (device < 0) {
            throw new ModelException("The index of a CUDA device must be at least 0");
        }
    }

    /** The options of ONNX Runtime's CUDA provider. */
    Map<String, String> providerOptions() {
        var all = new LinkedHashMap<String, String>();
        memory.ifPresent(it -> all.put("gpu_mem_limit", Long.toString(it)));
        all.putAll(provider);
        return all;
    }
}
