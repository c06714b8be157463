package io.github.describeanything.model;

import io.github.describeanything.model.api.ModelException;
import io.github.describeanything.model.bundle.Manifest;
import io.github.describeanything.model.onnx.Cuda;
import java.lang.management.ManagementFactory;

/**
 * How the memory of the KV cache is divided into slots. Immutable.
 *
 * @param slots sequences that decode concurrently
 * @param context capacity of a slot in tokens
 */
record KvCachePlan(int slots, int context) {
    private static final int ROOM_FOR_TEXT = 1024;
    private static final int MAX_SLOTS = 32;
    private static final int DEFAULT_SLOTS = 8;

    /** Chooses slots and context by the options, the longest prompt and the device's memory. */
    static KvCachePlan of(Manifest manifest, EngineOptions options) {
        int needed = manifest.mostPictureTokens() + ROOM_FOR_TEXT;
        int context = options.context().orElse(Math.min(manifest.decoder().context(), needed));
        if (context > manifest.decoder().context()) {
            throw new ModelException("A context of %d tokens is more than the %d that the model was trained for"
                    .formatted(context, manifest.decoder().context()));
        }
        long slotBytes = context * manifest.decoder().cacheBytesPerToken();
        long budget = options.kvMemory().orElseGet(() -> deviceMemory(options) / 4 / options.models());
        long fit = Math.max(1, budget / slotBytes);
        int most = options.kvMemory().isPresent() ? MAX_SLOTS : DEFAULT_SLOTS;
        int slots = options.slots().orElse((int) Math.min(most, fit));
        return new KvCachePlan(slots, context);
    }

    private static long deviceMemory(EngineOptions options) {
        if (options.device() == EngineOptions.Device.CUDA) {
            return Cuda.memory(options.cuda().device());
        }
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean os
                ? os.getTotalMemorySize()
                : 4L << 30;
    }
}
