package io.github.describeanything.model.vision;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.ModelException;
import io.github.describeanything.model.PictureSource;
import io.github.describeanything.model.vision.Encoding.Views;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Regions into features: pictures are read and resized on a small pool, the vision graph runs on one thread of its own,
 * beside the decoder. Thread-safe. What is being encoded is not begun a second time, and what was encoded lately is
 * kept.
 */
public final class RegionEncoder implements AutoCloseable {
    private final Preprocessor preprocessor;
    private final VisionEncoder encoder;
    private final RegionCache cache;
    private final Executor workers;
    private final ConcurrentHashMap<ByteBuffer, Encoding> underWay = new ConcurrentHashMap<>();
    private final LinkedBlockingQueue<Encoding> queue = new LinkedBlockingQueue<>();
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final BatchPolicy policy;
    private final Thread thread;

    /**
     * @param workers the small pool
     * @param cacheBytes bytes of features to keep
     * @param mostFrames most pictures in one run of the vision graph
     * @param alwaysJoin whether pictures that wait always go into one run, as pays on a GPU
     */
    public RegionEncoder(
            Preprocessor preprocessor,
            VisionEncoder encoder,
            Executor workers,
            long cacheBytes,
            int mostFrames,
            boolean alwaysJoin) {
        this.preprocessor = preprocessor;
        this.encoder = encoder;
        this.workers = workers;
        this.cache = new RegionCache(cacheBytes);
        this.policy = new BatchPolicy(mostFrames, alwaysJoin);
        this.thread = Thread.ofPlatform().name("vision").daemon(true).start(this::encodeAll);
    }

    /** Begins to encode a region, or joins in, or finds it known; returns at once. The caller must leave it. */
    public Encoding encode(List<PictureSource> frames) {
        ByteBuffer key = key(frames);
        Optional<RegionFeatures> known = cache.get(key);
        if (known.isPresent()) {
            hits.increment();
            return Encoding.of(known.get());
        }
        var fresh = new Encoding(key, false);
        Encoding shared = underWay.compute(key, (k, other) -> other != null && other.join() ? other : fresh);
        if (shared == fresh) {
            misses.increment();
            workers.execute(() -> prepare(fresh, frames));
        } else {
            hits.increment();
        }
        return shared;
    }

    /** Encodes a blank picture before anybody waits, on the vision thread. @param size side of a view in pixels */
    public void warmUp(int size) {
        var blank = new Encoding(ByteBuffer.allocate(0), false);
        blank.prepared().complete(new Views(List.of(new float[8 * size * size]), Duration.ZERO));
        queue.add(blank);
        Failures.join(blank.features());
    }

    /** Whether a region's features are kept, so that its pictures need not be read. */
    public boolean knows(List<PictureSource> frames) {
        return cache.get(key(frames)).isPresent();
    }

    /** Regions that were asked for again while known or under way. */
    public long hits() {
        return hits.sum();
    }

    /** Regions that had to be encoded. */
    public long misses() {
        return misses.sum();
    }

    private void prepare(Encoding encoding, List<PictureSource> frames) {
        if (encoding.abandoned()) {
            fail(encoding, new CancellationException());
            return;
        }
        try {
            long start = System.nanoTime();
            var views = new ArrayList<float[]>();
            for (PictureSource frame : frames) {
                Picture picture = frame.read();
                views.add(frame.mask(picture)
                        .map(it -> preprocessor.views(picture, it))
                        .orElseGet(() -> preprocessor.views(picture)));
            }
            encoding.prepared().complete(new Views(views, Duration.ofNanos(System.nanoTime() - start)));
            queue.add(encoding);
        } catch (OutOfMemoryError e) {
            fail(encoding, new ModelException("Not enough memory for this picture", e));
        } catch (RuntimeException e) {
            fail(encoding, e);
        }
    }

    private void encodeAll() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                run(batch(queue.take()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What waits and fits into one run with the first. */
    private List<Encoding> batch(Encoding first) {
        var batch = new ArrayList<Encoding>();
        int frames = 0;
        for (@Nullable Encoding next = first; next != null; next = queue.poll()) {
            if (next.abandoned()) {
                fail(next, new CancellationException());
                continue;
            }
            batch.add(next);
            frames += next.prepared().join().frames().size();
            Encoding after = queue.peek();
            if (after == null
                    || !policy.joins(frames, after.prepared().join().frames().size())) {
                break;
            }
        }
        return batch;
    }

    private void run(List<Encoding> batch) {
        if (batch.isEmpty()) {
            return;
        }
        try {
            long start = System.nanoTime();
            var views = new ArrayList<float[]>();
            batch.forEach(it -> views.addAll(it.prepared().join().frames()));
            float[] all = encoder.encode(views);
            var took = Duration.ofNanos(System.nanoTime() - start);
            policy.ran(views.size(), took);
            int each = all.length / views.size();
            int offset = 0;
            for (Encoding encoding : batch) {
                Views own = encoding.prepared().join();
                int length = own.frames().size() * each;
                var part = batch.size() == 1 ? all : java.util.Arrays.copyOfRange(all, offset, offset + length);
                offset += length;
                var features = new RegionFeatures(encoding.key(), part, own.took(), took);
                cache.put(features);
                underWay.remove(encoding.key(), encoding);
                encoding.features().complete(features);
            }
        } catch (RuntimeException e) {
            batch.forEach(it -> fail(it, e));
        }
    }

    private void fail(Encoding encoding, RuntimeException cause) {
        underWay.remove(encoding.key(), encoding);
        encoding.prepared().completeExceptionally(cause);
        encoding.features().completeExceptionally(cause);
    }

    private static ByteBuffer key(List<PictureSource> frames) {
        if (frames.size() == 1) {
            return frames.getFirst().key();
        }
        var keys = frames.stream().map(PictureSource::key).toList();
        var joined = ByteBuffer.allocate(
                keys.stream().mapToInt(ByteBuffer::remaining).sum());
        keys.forEach(joined::put);
        return joined.flip();
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        underWay.values().forEach(it -> fail(it, new ModelException("The model is closing")));
        encoder.close();
        preprocessor.close();
    }
}
