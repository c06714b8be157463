package io.github.describeanything.model.vision;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A region on its way to its features, shared by all who asked for it. Thread-safe.
 *
 * <p>It is worked on as long as somebody is interested: who joins must leave.
 */
public final class Encoding {
    private final ByteBuffer key;
    private final boolean known;
    private final AtomicInteger interested = new AtomicInteger(1);
    private final CompletableFuture<Duration> prepared = new CompletableFuture<>();
    private final AtomicReference<List<float[]>> views = new AtomicReference<>(List.of());
    private final CompletableFuture<RegionFeatures> features = new CompletableFuture<>();

    Encoding(ByteBuffer key, boolean known) {
        this.key = key;
        this.known = known;
    }

    /** An encoding that ended long ago. */
    static Encoding of(RegionFeatures features) {
        var encoding = new Encoding(features.key(), true);
        encoding.prepared.complete(Duration.ZERO);
        encoding.features.complete(features);
        return encoding;
    }

    ByteBuffer key() {
        return key;
    }

    /** The pictures are ready for the vision graph. @param frames the views of each. @param took time it took */
    void prepared(List<float[]> frames, Duration took) {
        views.set(frames);
        if (!prepared.complete(took)) {
            views.set(List.of());
        }
    }

    /** Pictures that are ready. */
    int frames() {
        return views.get().size();
    }

    /** Takes the views: they are large, and an encoding lives as long as its slowest reader. */
    List<float[]> takeViews() {
        return views.getAndSet(List.of());
    }

    /** How long preparing took; only when it is done. */
    Duration preparing() {
        return prepared.join();
    }

    void fail(RuntimeException cause) {
        prepared.completeExceptionally(cause);
        views.set(List.of());
        features.completeExceptionally(cause);
    }

    /** Whether the features were known already when they were asked for. */
    public boolean known() {
        return known;
    }

    /**
     * Waits until the pictures proved to be readable and masked.
     *
     * @throws RuntimeException what reading them threw
     * @throws java.util.concurrent.CancellationException if the calling thread is interrupted
     */
    public void awaitPrepared() {
        Failures.join(prepared);
    }

    /** The features, sometime. */
    public CompletableFuture<RegionFeatures> features() {
        return features;
    }

    /** Joins in, unless everybody left and the work was dropped. */
    boolean join() {
        return interested.getAndUpdate(it -> it == 0 ? 0 : it + 1) > 0;
    }

    /** Loses interest. Once nobody has any it has failed, before its turn comes to be worked on. */
    public void leave() {
        if (interested.updateAndGet(it -> Math.max(0, it - 1)) == 0) {
            fail(new CancellationException());
        }
    }

    boolean abandoned() {
        return interested.get() == 0;
    }
}
