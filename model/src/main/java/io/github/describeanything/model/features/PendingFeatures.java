package io.github.describeanything.model.features;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;

/**
 * Features of a region that is queued, being encoded or cached; shared by all requests for it. Thread-safe.
 *
 * <p>Reference-counted: close each one that you get. If the last reference is closed before the region's turn, the
 * region is not encoded.
 */
public final class PendingFeatures implements AutoCloseable {
    private final ByteBuffer key;
    private final boolean cached;
    private final AtomicInteger references = new AtomicInteger(1);
    private final AtomicReference<List<View>> views;
    private final CompletableFuture<RegionFeatures> features = new CompletableFuture<>();
    /** Complete once everything that {@link #whenComplete} was given so far has run. */
    private CompletableFuture<RegionFeatures> seen = features;

    private PendingFeatures(ByteBuffer key, boolean cached, List<View> views) {
        this.key = key;
        this.cached = cached;
        this.views = new AtomicReference<>(views);
    }

    /** Features still to be encoded from the views of their frames. */
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

    /** Number of frames still to be encoded. */
    int frames() {
        return views.get().size();
    }

    /** Takes the views out, because they are large and this object lives as long as its slowest reader. */
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

    /** Whether the features came from the cache. */
    public boolean cached() {
        return cached;
    }

    /** Completes with the features, or exceptionally. */
    public CompletableFuture<RegionFeatures> features() {
        return features;
    }

    /**
     * Runs something once the features are complete or failed, in the order of the calls: those of a future run in reverse.
     *
     * @param then is given the features or the failure, the other being null; must not throw
     */
    public synchronized void whenComplete(BiConsumer<? super RegionFeatures, ? super Throwable> then) {
        seen = seen.whenComplete(then);
    }

    /** Adds a reference, to be closed separately. @throws IllegalStateException if all references are closed */
    public PendingFeatures retain() {
        if (!tryRetain()) {
            throw new IllegalStateException("Every reference to these features is closed");
        }
        return this;
    }

    /** Adds a reference unless all are closed. */
    boolean tryRetain() {
        return references.getAndUpdate(it -> it == 0 ? 0 : it + 1) > 0;
    }

    /** Drops one reference. Dropping the last one cancels the features unless they are complete. */
    @Override
    public void close() {
        if (references.updateAndGet(it -> Math.max(0, it - 1)) == 0) {
            fail(new CancellationException());
        }
    }
}
