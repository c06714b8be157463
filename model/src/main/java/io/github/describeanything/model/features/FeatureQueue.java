package io.github.describeanything.model.features;

import io.github.describeanything.model.api.ModelException;
import io.github.describeanything.model.lane.Costs;
import io.github.describeanything.model.lane.Lane;
import io.github.describeanything.model.lane.Schedule;
import io.github.describeanything.model.lane.WorkSource;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Queues regions for the vision graph and caches their features. Thread-safe; a {@link Lane} runs it.
 *
 * <p>Single flight: requests for a region that is queued or being encoded share its result.
 */
public final class FeatureQueue implements WorkSource {
    private final Lane lane;
    private final Encoder encoder;
    private final FeatureCache cache;
    private final BatchPolicy policy;
    private final Schedule schedule;
    private final ConcurrentHashMap<ByteBuffer, PendingFeatures> underWay = new ConcurrentHashMap<>();
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();

    // Used by the lane's thread only.
    private final ArrayDeque<PendingFeatures> waiting = new ArrayDeque<>();
    private List<Batched> running = List.of();

    /** One region of a batch, with the views taken out of it. */
    private record Batched(PendingFeatures pending, List<View> views) {}

    /**
     * Takes ownership of the encoder.
     *
     * @param cacheBytes size of the cache in bytes
     * @param mostFrames maximum frames in one run of the vision graph
     * @param alwaysBatch whether to batch however long a run takes, as on a GPU
     */
    public FeatureQueue(
            Lane lane, Schedule schedule, Encoder encoder, long cacheBytes, int mostFrames, boolean alwaysBatch) {
        this.lane = lane;
        this.schedule = schedule;
        this.encoder = encoder;
        this.cache = new FeatureCache(cacheBytes);
        this.policy = new BatchPolicy(mostFrames, alwaysBatch, lane.costs());
    }

    /**
     * The features of a region if they are cached or being computed.
     *
     * @param key identifies pictures and masks by content
     */
    public Optional<PendingFeatures> find(ByteBuffer key) {
        Optional<PendingFeatures> found = cache.get(key)
                .map(PendingFeatures::of)
                .or(() -> Optional.ofNullable(underWay.get(key)).filter(PendingFeatures::tryRetain));
        found.ifPresent(it -> hits.increment());
        return found;
    }

    /**
     * Queues a region, or joins one with the same key that is cached or being computed; returns at once.
     *
     * @param key identifies pictures and masks by content; it is kept and must not change
     * @param frames the views of the region's frames
     */
    public PendingFeatures encode(ByteBuffer key, List<View> frames) {
        Optional<RegionFeatures> cached = cache.get(key);
        if (cached.isPresent()) {
            hits.increment();
            return PendingFeatures.of(cached.get());
        }
        var fresh = PendingFeatures.of(key, frames);
        PendingFeatures shared =
                underWay.compute(key, (k, other) -> other != null && other.tryRetain() ? other : fresh);
        if (shared == fresh) {
            misses.increment();
            schedule.regions(1);
            fresh.features().whenComplete((value, failure) -> schedule.regions(-1));
            lane.post(() -> waiting.add(fresh));
            lane.end().ifPresent(why -> fail(fresh, why));
        } else {
            hits.increment();
        }
        return shared;
    }

    /** Encodes a view and waits for it, because the first run of a shape is slow on a GPU. */
    public void warmUp(View view) {
        lane.call(() -> encoder.encode(List.of(view)));
    }

    /** Requested regions that were cached or being computed. */
    public long hits() {
        return hits.sum();
    }

    /** Requested regions that had to be encoded. */
    public long misses() {
        return misses.sum();
    }

    @Override
    public boolean idle() {
        return waiting.isEmpty() || schedule.visionWaits();
    }

    /** Encodes the oldest regions, as many as the policy batches. */
    @Override
    public void step() {
        if (idle()) {
            return;
        }
        running = nextBatch();
        if (running.isEmpty()) {
            return;
        }
        schedule.run(FOREVER, this::encode);
        running = List.of();
    }

    private void encode() {
        List<View> views = running.stream().flatMap(it -> it.views.stream()).toList();
        long start = System.nanoTime();
        float[] embeddings = encoder.encode(views);
        long took = System.nanoTime() - start;
        lane.costs().record(Costs.Kind.VISION, views.size(), took);
        schedule.visionTook(Duration.ofNanos(took / views.size()));
        if (!finite(embeddings)) {
            // If cached, they would spoil every later answer about these pictures.
            throw new ModelException("The vision graph computed NaN or infinity");
        }
        int each = embeddings.length / views.size();
        int from = 0;
        for (Batched it : running) {
            int to = from + it.views.size() * each;
            float[] own = running.size() == 1 ? embeddings : Arrays.copyOfRange(embeddings, from, to);
            from = to;
            complete(it.pending, new RegionFeatures(it.pending.key(), own, Duration.ofNanos(took)));
        }
    }

    private List<Batched> nextBatch() {
        var batch = new ArrayList<Batched>();
        int frames = 0;
        for (PendingFeatures next = waiting.peek(); next != null; next = waiting.peek()) {
            if (frames > 0 && !policy.shouldBatch(frames, next.frames())) {
                break;
            }
            waiting.remove();
            // A region is dropped if its last reference is closed before this point: views are taken once.
            List<View> views = next.takeViews();
            if (views.isEmpty()) {
                fail(next, new CancellationException());
            } else {
                batch.add(new Batched(next, views));
                frames += views.size();
            }
        }
        return batch;
    }

    private static boolean finite(float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }

    private void complete(PendingFeatures pending, RegionFeatures features) {
        cache.put(features);
        underWay.remove(pending.key(), pending);
        pending.complete(features);
    }

    private void fail(PendingFeatures pending, Throwable cause) {
        underWay.remove(pending.key(), pending);
        pending.fail(cause);
    }

    @Override
    public void fail(ModelException cause) {
        running.forEach(it -> fail(it.pending, cause));
        running = List.of();
    }

    @Override
    public void reopen() {
        encoder.reopen();
    }

    @Override
    public void end(ModelException cause) {
        underWay.values().forEach(it -> fail(it, cause));
    }

    @Override
    public void close() {
        encoder.close();
    }
}
