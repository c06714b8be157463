package io.github.describeanything.model;

import io.github.describeanything.model.bundle.Manifest;
import io.github.describeanything.model.onnx.Cuda;
import java.lang.management.ManagementFactory;

/** How the cache's memory is shared out. Immutable. */
record Memory(int slots, int context) {
    private static final int ROOM_FOR_TEXT = 1024;
    private static final int MOST_SLOTS = 32;
    private static final int DEFAULT_SLOTS = 8;

    /** Slots and their length from what was asked for, what the prompts need, and what the device has. */
    static Memory plan(Manifest manifest, EngineOptions options) {
        int needed = manifest.maxFrames() * manifest.image().tokens() + ROOM_FOR_TEXT;
        int context = options.context().orElse(Math.min(manifest.decoder().context(), needed));
        if (context > manifest.decoder().context()) {
            throw new ModelException("--context %d is more than the model's %d positions"
                    .formatted(context, manifest.decoder().context()));
        }
        long slotBytes = context * manifest.decoder().cacheBytesPerPosition();
        long budget = options.kvMemory().orElseGet(() -> deviceMemory(options) / 4);
        long fit = Math.max(1, budget / slotBytes);
        int most = options.kvMemory().isPresent() ? MOST_SLOTS : DEFAULT_SLOTS;
        int slots = options.slots().orElse((int) Math.min(most, fit));
        return new Memory(slots, context);
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
