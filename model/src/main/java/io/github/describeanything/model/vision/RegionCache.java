package io.github.describeanything.model.vision;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Optional;

/** Features of regions asked about lately, bounded in bytes; the longest unused go first. Thread-safe. */
final class RegionCache {
    private final long limit;
    private final LinkedHashMap<ByteBuffer, RegionFeatures> held = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    RegionCache(long limit) {
        this.limit = limit;
    }

    synchronized Optional<RegionFeatures> get(ByteBuffer key) {
        return Optional.ofNullable(held.get(key));
    }

    synchronized void put(RegionFeatures features) {
        if (features.bytes() > limit) {
            return;
        }
        RegionFeatures before = held.put(features.key(), features);
        bytes += features.bytes() - (before == null ? 0 : before.bytes());
        var oldest = held.values().iterator();
        while (bytes > limit) {
            bytes -= oldest.next().bytes();
            oldest.remove();
        }
    }
}
