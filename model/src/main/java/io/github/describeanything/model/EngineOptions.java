package io.github.describeanything.model;

import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What the engine may use. Immutable.
 *
 * @param device where the graphs run
 * @param threads cores for arithmetic
 * @param workers threads that decode pictures, preprocess and tokenise
 * @param slots sequences that are decoded side by side; empty chooses by memory
 * @param context positions a slot holds, prompt and answer together; empty takes what the prompts need, at most the
 *     bundle's context
 * @param kvMemory bytes that the key-value cache may take; empty chooses by the device
 * @param queue requests that may wait for a slot
 * @param regionCache bytes of encoded regions to keep for further questions
 * @param cuda how a CUDA device is used, where that is the device
 */
public record EngineOptions(
        Device device,
        int threads,
        int workers,
        OptionalInt slots,
        OptionalInt context,
        OptionalLong kvMemory,
        int queue,
        long regionCache,
        CudaOptions cuda) {

    /** Where graphs run. */
    public enum Device {
        CPU,
        CUDA
    }

    /** The same with CUDA's defaults. */
    public EngineOptions(
            Device device,
            int threads,
            int workers,
            OptionalInt slots,
            OptionalInt context,
            OptionalLong kvMemory,
            int queue,
            long regionCache) {
        this(device, threads, workers, slots, context, kvMemory, queue, regionCache, CudaOptions.DEFAULT);
    }

    public EngineOptions {
        if (threads < 1 || workers < 1 || queue < 0 || regionCache < 0) {
            throw new ModelException("threads and workers must be at least 1, queue and region cache at least 0");
        }
        if (slots.orElse(1) < 1 || context.orElse(1) < 1 || kvMemory.orElse(1) < 1) {
            throw new ModelException("slots, context and memory for the key-value cache must be at least 1");
        }
    }

    /** The CPU with all its cores. */
    public static EngineOptions defaults() {
        int cores = Runtime.getRuntime().availableProcessors();
        return new EngineOptions(
                Device.CPU,
                cores,
                Math.max(1, cores / 2),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalLong.empty(),
                64,
                256L << 20);
    }
}
