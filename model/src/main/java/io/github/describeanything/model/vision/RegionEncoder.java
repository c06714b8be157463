package io.github.describeanything.model.vision;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.BusyException;
import io.github.describeanything.model.ModelException;
import io.github.describeanything.model.PictureSource;
import io.github.describeanything.model.onnx.NativeThread;
import io.github.describeanything.model.onnx.OnnxException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Regions into features: pictures are read and resized on a small pool, the vision graph runs on one thread of its own,
 * beside the decoder. Thread-safe. What is being encoded is not begun a second time, and what was encoded lately is
 * kept.
 */
public final class RegionEncoder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RegionEncoder.class);

    private final Preprocessor preprocessor;
    private final Encoder encoder;
    private final RegionCache cache;
    private final Executor workers;
    private final ConcurrentHashMap<ByteBuffer, Encoding> underWay = new ConcurrentHashMap<>();
    private final LinkedBlockingQueue<Encoding> queue = new LinkedBlockingQueue<>();
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final BatchPolicy policy;
    private final Consumer<ModelException> broken;
    private final Thread thread;
    private volatile Optional<ModelException> end = Optional.empty();

    /**
     * @param workers the small pool
     * @param cacheBytes bytes of features to keep
     * @param mostFrames most pictures in one run of the vision graph
     * @param alwaysJoin whether pictures that wait always go into one run, as pays on a GPU
     * @param broken told once if nothing can be encoded any more; by then all who wait were told
     */
    public RegionEncoder(
            Preprocessor preprocessor,
            Encoder encoder,
            Executor workers,
            long cacheBytes,
            int mostFrames,
            boolean alwaysJoin,
            Consumer<ModelException> broken) {
        this.preprocessor = preprocessor;
        this.encoder = encoder;
        this.workers = workers;
        this.cache = new RegionCache(cacheBytes);
        this.policy = new BatchPolicy(mostFrames, alwaysJoin);
        this.broken = broken;
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
            try {
                workers.execute(() -> prepare(fresh, frames));
            } catch (RejectedExecutionException e) {
                fail(fresh, BusyException.closing());
            } catch (OutOfMemoryError e) {
                // Nobody will work on it, so nobody may wait for it.
                fail(fresh, told(e));
            }
        } else {
            hits.increment();
        }
        // Whoever came after the last were told.
        end.ifPresent(it -> fail(shared, it));
        return shared;
    }

    /** Encodes a blank picture before anybody waits, on the vision thread. @param size side of a view in pixels */
    public void warmUp(int size) {
        var blank = new Encoding(ByteBuffer.allocate(0), false);
        blank.prepared(List.of(new float[8 * size * size]), Duration.ZERO);
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
            encoding.prepared(views, Duration.ofNanos(System.nanoTime() - start));
            queue.add(encoding);
        } catch (Throwable e) {
            // Whatever it was, such as a decoder's library that is not there: somebody waits for this.
            fail(encoding, told(e));
        }
    }

    private void encodeAll() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                run(batch(queue.take()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            var cause = new ModelException("The vision graph failed and cannot go on", e);
            end = Optional.of(cause);
            underWay.values().forEach(it -> fail(it, cause));
            broken.accept(cause);
        }
    }

    /** What waits and fits into one run with the first. */
    private List<Encoding> batch(Encoding first) {
        var batch = new ArrayList<Encoding>();
        int frames = 0;
        for (@Nullable Encoding next = first; next != null; next = joining(frames)) {
            if (next.abandoned()) {
                fail(next, new CancellationException());
            } else {
                batch.add(next);
                frames += next.frames();
            }
        }
        return batch;
    }

    /** The next that waits, if it may run with so many frames. */
    private @Nullable Encoding joining(int frames) {
        Encoding next = queue.peek();
        return next != null && (frames == 0 || policy.joins(frames, next.frames())) ? queue.poll() : null;
    }

    private void run(List<Encoding> batch) {
        // Whoever leaves from now on leaves too late: views are taken once, and counted as they were taken.
        var taken = new LinkedHashMap<Encoding, List<float[]>>();
        for (Encoding encoding : batch) {
            List<float[]> views = encoding.takeViews();
            if (views.isEmpty()) {
                fail(encoding, new CancellationException());
            } else {
                taken.put(encoding, views);
            }
        }
        if (taken.isEmpty()) {
            return;
        }
        try {
            long start = System.nanoTime();
            var views = new ArrayList<float[]>();
            taken.values().forEach(views::addAll);
            float[] all = encoder.encode(views);
            var took = Duration.ofNanos(System.nanoTime() - start);
            policy.ran(views.size(), took);
            if (!numbers(all)) {
                // Kept, they would spoil every later answer about these pictures.
                throw new ModelException("The vision graph computed no numbers");
            }
            int each = all.length / views.size();
            int offset = 0;
            for (var one : taken.entrySet()) {
                Encoding encoding = one.getKey();
                int length = one.getValue().size() * each;
                var part = taken.size() == 1 ? all : java.util.Arrays.copyOfRange(all, offset, offset + length);
                offset += length;
                var features = new RegionFeatures(encoding.key(), part, encoding.preparing(), took);
                cache.put(features);
                underWay.remove(encoding.key(), encoding);
                encoding.features().complete(features);
            }
        } catch (RuntimeException | OutOfMemoryError e) {
            taken.keySet().forEach(it -> fail(it, told(e)));
            if (e instanceof OnnxException) {
                encoder.reopen();
            }
        }
    }

    private static boolean numbers(float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }

    private void fail(Encoding encoding, RuntimeException cause) {
        underWay.remove(encoding.key(), encoding);
        encoding.fail(cause);
    }

    private static RuntimeException told(Throwable cause) {
        if (OnnxException.outOfMemory(cause)) {
            LOG.error("Memory ran out while a picture was encoded", cause);
            return BusyException.outOfMemory();
        }
        return cause instanceof RuntimeException known ? known : new ModelException("The picture failed", cause);
    }

    /** Keys of any length, each with its length: otherwise those of some frames, in a row, may be those of others. */
    private static ByteBuffer key(List<PictureSource> frames) {
        var keys = frames.stream().map(it -> it.key().duplicate()).toList();
        var joined = ByteBuffer.allocate(
                keys.stream().mapToInt(it -> Integer.BYTES + it.remaining()).sum());
        keys.forEach(it -> joined.putInt(it.remaining()).put(it));
        return joined.flip();
    }

    @Override
    public void close() {
        thread.interrupt();
        NativeThread.join(thread);
        underWay.values().forEach(it -> fail(it, BusyException.closing()));
        try (preprocessor) {
            encoder.close();
        }
    }
}
