package io.github.describeanything.model.features;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Optional;

/** An LRU cache of features, bounded in bytes. Thread-safe. */
public final class FeatureCache {
    private final long limit;
    private final LinkedHashMap<ByteBuffer, RegionFeatures> byKey = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    /** @param limit size of the cache in bytes */
    public FeatureCache(long limit) {
        this.limit = limit;
    }

    public synchronized Optional<RegionFeatures> get(ByteBuffer key) {
        return Optional.ofNullable(byKey.get(key));
    }

    /** Adds features, and drops the least recently used until all fit. */
    public synchronized void put(RegionFeatures features) {
        if (features.bytes() > limit) {
            return;
        }
        RegionFeatures before = byKey.put(features.key(), features);
        bytes += features.bytes() - (before == null ? 0 : before.bytes());
        var oldest = byKey.values().iterator();
        while (bytes > limit) {
            bytes -= oldest.next().bytes();
            oldest.remove();
        }
    }
}
