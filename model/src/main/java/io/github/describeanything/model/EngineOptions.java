package io.github.describeanything.model;

import io.github.describeanything.model.api.ModelException;
import io.github.describeanything.model.lane.Schedule;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * How much of the machine the model may use. Immutable; made by {@link #builder()}.
 *
 * @param device where the graphs run
 * @param threads threads of one run of a graph
 * @param workers threads that decode pictures, resize them and tokenise
 * @param slots sequences that decode concurrently; empty chooses by memory
 * @param context capacity of a slot in tokens, prompt and answer together; empty takes what prompts need, at most the
 *     bundle's context
 * @param kvMemory bytes that the KV cache may take; empty takes a quarter of the device's memory, divided by {@code models}
 * @param models models on this device, which share the default memory of the KV cache
 * @param queue requests that may wait for a slot
 * @param featureCache bytes of features to cache for further questions about the same regions
 * @param cuda how a CUDA device is used
 * @param schedule what to optimise for under load
 * @param maxGap maximum pause of a running answer under throughput
 */
public record EngineOptions(
        Device device,
        int threads,
        int workers,
        OptionalInt slots,
        OptionalInt context,
        OptionalLong kvMemory,
        int models,
        int queue,
        long featureCache,
        CudaOptions cuda,
        Schedule.Mode schedule,
        Duration maxGap) {

    /** Where graphs run. */
    public enum Device {
        CPU,
        CUDA
    }

    public EngineOptions {
        if (models < 1) {
            throw new ModelException("the number of models on a device must be at least 1");
        }
        if (threads < 1 || workers < 1 || queue < 0 || featureCache < 0) {
            throw new ModelException("threads and workers must be at least 1, queue and feature cache at least 0");
        }
        if (maxGap.isNegative()) {
            throw new ModelException("the longest gap must not be negative");
        }
        if (slots.orElse(1) < 1 || context.orElse(1) < 1 || kvMemory.orElse(1) < 1) {
            throw new ModelException("slots, context and memory for the KV cache must be at least 1");
        }
    }

    /** The CPU with all its cores. */
    public static EngineOptions defaults() {
        return builder().build();
    }

    /** A builder that starts from {@link #defaults()}. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects options; used by one thread. */
    public static final class Builder {
        private Device device = Device.CPU;
        private int threads = Runtime.getRuntime().availableProcessors();
        private int workers = Math.max(1, threads / 2);
        private OptionalInt slots = OptionalInt.empty();
        private OptionalInt context = OptionalInt.empty();
        private OptionalLong kvMemory = OptionalLong.empty();
        private int models = 1;
        private int queue = 64;
        private long featureCache = 256L << 20;
        private CudaOptions cuda = CudaOptions.DEFAULT;
        private Schedule.Mode schedule = Schedule.Mode.AUTO;
        private Duration maxGap = Duration.ofSeconds(2);

        private Builder() {}

        public Builder device(Device value) {
            device = value;
            return this;
        }

        public Builder threads(int value) {
            threads = value;
            return this;
        }

        public Builder workers(int value) {
            workers = value;
            return this;
        }

        public Builder slots(int value) {
            return slots(OptionalInt.of(value));
        }

        public Builder slots(OptionalInt value) {
            slots = value;
            return this;
        }

        public Builder context(int value) {
            return context(OptionalInt.of(value));
        }

        public Builder context(OptionalInt value) {
            context = value;
            return this;
        }

        public Builder kvMemory(long value) {
            return kvMemory(OptionalLong.of(value));
        }

        public Builder kvMemory(OptionalLong value) {
            kvMemory = value;
            return this;
        }

        public Builder models(int value) {
            models = value;
            return this;
        }

        public Builder queue(int value) {
            queue = value;
            return this;
        }

        public Builder featureCache(long value) {
            featureCache = value;
            return this;
        }

        public Builder cuda(CudaOptions value) {
            cuda = value;
            return this;
        }

        public Builder schedule(Schedule.Mode value) {
            schedule = value;
            return this;
        }

        public Builder maxGap(Duration value) {
            maxGap = value;
            return this;
        }

        /** @throws ModelException if a value is out of range */
        public EngineOptions build() {
            return new EngineOptions(
                    device,
                    threads,
                    workers,
                    slots,
                    context,
                    kvMemory,
                    models,
                    queue,
                    featureCache,
                    cuda,
                    schedule,
                    maxGap);
        }
    }
}
