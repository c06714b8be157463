package io.github.describeanything.model;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.api.BusyException;
import io.github.describeanything.model.api.ModelException;
import io.github.describeanything.model.api.RequestException;
import io.github.describeanything.model.bundle.SegmenterBundle;
import io.github.describeanything.model.bundle.SegmenterBundle.SegmenterManifest;
import io.github.describeanything.model.features.Encoder;
import io.github.describeanything.model.features.FeatureQueue;
import io.github.describeanything.model.lane.Background;
import io.github.describeanything.model.lane.Costs;
import io.github.describeanything.model.lane.Lane;
import io.github.describeanything.model.lane.Schedule;
import io.github.describeanything.model.onnx.Cuda;
import io.github.describeanything.model.onnx.Placement;
import io.github.describeanything.model.segment.Direction;
import io.github.describeanything.model.segment.EmbeddedPicture;
import io.github.describeanything.model.segment.FramePrompt;
import io.github.describeanything.model.segment.GraphQueue;
import io.github.describeanything.model.segment.MaskMaker;
import io.github.describeanything.model.segment.PictureEncoder;
import io.github.describeanything.model.segment.SegmentGraphs;
import io.github.describeanything.model.segment.SegmentPrompt;
import io.github.describeanything.model.segment.Segmentation;
import io.github.describeanything.model.segment.TrackedFrame;
import io.github.describeanything.model.segment.Tracker;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A loaded Segment Anything model: pictures and clicks or boxes in, masks out. Thread-safe.
 *
 * <pre>{@code
 * try (var segmenter = Segmenter.open(bundle)) {
 *     Mask mask = segmenter.segment(picture, SegmentPrompt.inside(120, 80)).best().mask();
 * }
 * }</pre>
 *
 * <p>Embedding a picture takes most of the time. Embeddings are cached by content, and prompts on one picture share them;
 * a picture that is being embedded is not embedded a second time.
 */
public final class Segmenter implements AutoCloseable {
    private static final int CANDIDATES = 3;

    /** Videos that are tracked at once: each takes some hundred megabytes. */
    private static final int MAX_VIDEOS = 4;

    private final EngineOptions options;
    private final SegmenterManifest manifest;
    private final AdmissionLimit limit;
    private final Workers workers;
    private final Lane lane;
    private final PictureEncoder pictures;
    private final FeatureQueue embeddings;
    private final MaskMaker masks;
    private final Embedder ofPictures;
    private final Embedder ofFrames;
    private final GraphQueue tracks;
    private final AdmissionLimit videos = new AdmissionLimit(MAX_VIDEOS);
    private final CompletableFuture<ModelException> broken = new CompletableFuture<>();

    private Segmenter(SegmenterBundle bundle, EngineOptions options, UnaryOperator<Encoder> encoders) {
        this.options = options;
        manifest = bundle.manifest();
        limit = new AdmissionLimit(1 + options.queue());
        Placement placement = Placements.of(options);
        pictures = new PictureEncoder(bundle, placement);
        SegmentGraphs graphs;
        try {
            graphs = new SegmentGraphs(bundle, placement);
        } catch (RuntimeException | Error e) {
            pictures.close();
            throw e;
        }
        lane = new Lane("segmenter", this::breakDown);
        // Prompts and tracking take turns, so that a prompt waits for one thing on one frame of a video at most.
        var prompts = new GraphQueue(lane, graphs, Costs.Kind.MASK);
        tracks = new GraphQueue(lane, graphs, Costs.Kind.TRACK);
        // One picture a run: a batch would make prompts wait longer and is not faster.
        var schedule = new Schedule(Schedule.Mode.LATENCY, options.maxGap(), false, 1);
        embeddings = new FeatureQueue(lane, schedule, encoders.apply(pictures), options.featureCache(), 1, false);
        lane.add(prompts);
        lane.add(tracks);
        lane.add(embeddings);
        masks = new MaskMaker(manifest.sam2(), prompts);
        workers = new Workers(options.workers(), Background.threads("segmenter-worker-"));
        ofPictures = Embedder.ofPictures(embeddings, workers, pictures::view);
        ofFrames = Embedder.ofFrames(embeddings, workers, pictures::frameView);
        if (options.device() == EngineOptions.Device.CUDA) {
            try {
                embeddings.warmUp(pictures.blank());
            } catch (RuntimeException | Error e) {
                close();
                throw e;
            }
        }
    }

    /** Opens a bundle of family {@code sam2} on the CPU. @throws ModelException if it cannot be used */
    public static Segmenter open(Path bundle) {
        return open(bundle, EngineOptions.defaults());
    }

    /** Opens a bundle. {@link EngineOptions#featureCache} bounds the embeddings. @throws ModelException if it cannot be used */
    public static Segmenter open(Path bundle, EngineOptions options) {
        return open(bundle, options, UnaryOperator.identity());
    }

    /** The same with something around the image encoder, so that tests can make it fail. */
    static Segmenter open(Path bundle, EngineOptions options, UnaryOperator<Encoder> encoders) {
        if (options.device() == EngineOptions.Device.CUDA) {
            Cuda.require(options.cuda().device());
        }
        // The sessions' threads and the lane inherit it: clicks give way to running streams.
        return Background.call(() -> new Segmenter(SegmenterBundle.open(bundle), options, encoders));
    }

    private void breakDown(ModelException cause) {
        limit.close(BusyException::broken);
        broken.complete(cause);
    }

    /** Runs {@code listener} on a thread of its own if the device fails and cannot be opened again. */
    public void whenBroken(Consumer<ModelException> listener) {
        broken.thenAcceptAsync(listener, Thread::startVirtualThread);
    }

    /**
     * Runs CPU-bound work for a click, such as decoding its picture, on a small pool that gives way to running answers, and
     * waits for its result. @throws BusyException if the segmenter is closing, or memory ran out
     */
    public <T> T onWorker(Callable<T> task) {
        return workers.call(task);
    }

    /** What the bundle says about itself. */
    public SegmenterManifest manifest() {
        return manifest;
    }

    /** One line for people. */
    public String summary() {
        return "%s (segmenter, %s) on %s with %d threads: embeddings of %.1f MiB, cache of %d MiB"
                .formatted(
                        manifest.name(),
                        manifest.precision(),
                        options.device(),
                        options.threads(),
                        manifest.sam2().features() * (double) Float.BYTES / (1 << 20),
                        options.featureCache() >> 20);
    }

    /** What it has done. */
    public SegmenterStats stats() {
        Costs costs = lane.costs();
        return new SegmenterStats(
                costs.runs(Costs.Kind.VISION),
                costs.seconds(Costs.Kind.VISION),
                costs.runs(Costs.Kind.MASK),
                costs.seconds(Costs.Kind.MASK),
                costs.runs(Costs.Kind.TRACK),
                costs.seconds(Costs.Kind.TRACK),
                embeddings.hits(),
                embeddings.misses(),
                limit.acquired());
    }

    // ---- masks in one call

    /** The best mask of a thing in a picture and two others. */
    public Segmentation segment(Picture picture, SegmentPrompt prompt) {
        ByteBuffer key = SubjectKey.of(picture);
        try (EmbeddedPicture embedded = find(key).orElseGet(() -> embed(key, picture))) {
            return segment(embedded, prompt, CANDIDATES);
        }
    }

    // ---- masks step by step

    /** @throws BusyException if the queue is full or this is closing */
    public void requireRoom() {
        limit.requireRoom();
    }

    /**
     * A picture whose embedding is cached or under way, so that its pixels need not be read. Close it.
     *
     * @param key identifies the picture by content
     * @throws BusyException if the queue is full or this is closing
     */
    public Optional<EmbeddedPicture> find(ByteBuffer key) {
        limit.acquire(1);
        Optional<EmbeddedPicture> found = ofPictures.find(key, () -> limit.release(1));
        if (found.isEmpty()) {
            limit.release(1);
        }
        return found;
    }

    /**
     * Queues a picture to be embedded, or joins one with the same key. Waits until the picture is resized. Close it.
     *
     * @param key identifies the picture by content; it must not change
     * @throws BusyException if the queue is full or this is closing
     * @throws CancellationException if the calling thread is interrupted
     */
    public EmbeddedPicture embed(ByteBuffer key, Picture picture) {
        limit.acquire(1);
        try {
            return ofPictures.embed(key, picture, () -> limit.release(1));
        } catch (RuntimeException | Error e) {
            limit.release(1);
            throw e;
        }
    }

    /**
     * Answers a prompt; waits for the embedding and the masks.
     *
     * @param candidates how many masks to return, 1 to 3
     * @throws RequestException if the prompt does not fit the picture; its {@code param} is the prompt's field
     * @throws CancellationException if the calling thread is interrupted
     */
    public Segmentation segment(EmbeddedPicture picture, SegmentPrompt prompt, int candidates) {
        if (candidates < 1 || candidates > CANDIDATES) {
            throw RequestException.invalidValue("candidates", "must be between 1 and " + CANDIDATES);
        }
        MaskMaker.Decoded decoded = masks.decode(picture, prompt);
        return workers.call(() -> decoded.best(candidates));
    }

    // ---- videos

    /**
     * Follows things through a video, whose frames are pictures in memory: forward, then backward.
     *
     * @param prompts what marks the things, on any frames; at most one a thing and frame
     * @return a frame each, in order; the masks of frame 0 to the last
     * @throws RequestException if a prompt does not fit; its {@code param} is the prompt's field
     * @throws BusyException if enough videos are being tracked or this is closing
     * @throws CancellationException if the calling thread is interrupted
     */
    public List<TrackedFrame> track(List<Picture> frames, List<FramePrompt> prompts) {
        var result = new TreeMap<Integer, TrackedFrame>();
        try (Tracking video = tracking(frames.size(), new TrackingOptions(true, false))) {
            for (FramePrompt prompt : prompts) {
                video.requireFrame(prompt);
                video.prompt(frames.get(prompt.frame()), prompt);
            }
            for (Direction direction : Direction.values()) {
                for (int frame : video.pass(direction)) {
                    result.put(frame, video.visit(frame, direction, frames.get(frame)));
                }
            }
        }
        return List.copyOf(result.values());
    }

    /**
     * A video to be tracked step by step. Close it.
     *
     * @param frames how many it has
     * @throws BusyException if enough videos are being tracked or this is closing
     */
    public Tracking tracking(int frames, TrackingOptions options) {
        limit.acquire(1);
        try {
            videos.acquire(1);
        } catch (RuntimeException e) {
            limit.release(1);
            throw e;
        }
        var tracker = new Tracker(manifest.sam2(), tracks, frames, options.fillHoles(), options.corrections());
        return new Tracking(ofFrames, workers, tracker, frames, () -> {
            videos.release(1);
            limit.release(1);
        });
    }

    // ---- the end

    /** Admits no new work and waits for what is under way. @return whether all of it ended in time */
    public boolean drain(Duration patience) {
        return limit.drain(patience);
    }

    /** Fails what is under way and releases everything. May be called again. */
    @Override
    public void close() {
        limit.drain(Duration.ZERO);
        try {
            workers.close();
        } finally {
            lane.close();
        }
    }
}
