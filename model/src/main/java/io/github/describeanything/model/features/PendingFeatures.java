package io.github.describeanything.model.features;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Features of a region that is queued, being encoded, or known; shared by all requests that ask for it. Thread-safe.
 *
 * <p>Reference-counted: close each one that you get. When the last reference is closed before the region's turn has come,
 * the region is not encoded.
 */
public final class PendingFeatures implements AutoCloseable {
    private final ByteBuffer key;
    private final boolean known;
    private final AtomicInteger references = new AtomicInteger(1);
    private final AtomicReference<List<View>> views;
    private final CompletableFuture<RegionFeatures> features = new CompletableFuture<>();

    private PendingFeatures(ByteBuffer key, boolean known, List<View> views) {
        this.key = key;
        this.known = known;
        this.views = new AtomicReference<>(views);
    }

    /** Features that wait to be encoded from the views of their frames. */
    static PendingFeatures of(ByteBuffer key, List<View> frames) {
        return new PendingFeatures(key, false, List.copyOf(frames));
    }

    /** Features that were cached. */
    static PendingFeatures of(RegionFeatures cached) {
        var pending = new PendingFeatures(cached.key(), true, List.of());
        pending.features.complete(cached);
        return pending;
    }

    ByteBuffer key() {
        return key;
    }

    /** How many frames wait to be encoded. */
    int frames() {
        return views.get().size();
    }

    /** Takes the views out: they are large, and this object lives as long as its slowest reader. */
    List<View> takeViews() {
        return views.getAndSet(List.of());
    }

    void complete(RegionFeatures result) {
        features.complete(result);
    }

    void fail(Throwable cause) {
        views.set(List.of());
        features.completeExceptionally(cause);
    }

    /** Whether the features were cached when they were asked for. */
    public boolean known() {
        return known;
    }

    /** Completes with the features, or exceptionally. */
    public CompletableFuture<RegionFeatures> features() {
        return features;
    }

    /** Adds a reference, which needs a close of its own. @throws IllegalStateException if all were closed */
    public PendingFeatures retain() {
        if (!tryRetain()) {
            throw new IllegalStateException("Every reference to these features is closed");
        }
        return this;
    }

    /** Adds a reference unless all were closed. */
    boolean tryRetain() {
        return references.getAndUpdate(it -> it == 0 ? 0 : it + 1) > 0;
    }

    /** Drops one reference. After the last the features are cancelled, unless they are there. */
    @Override
    public void close() {
        if (references.updateAndGet(it -> Math.max(0, it - 1)) == 0) {
            fail(new CancellationException());
        }
    }

    boolean abandoned() {
        return references.get() == 0;
    }
}
