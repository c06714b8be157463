package io.github.describeanything.model;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.api.BusyException;
import io.github.describeanything.model.api.Description;
import io.github.describeanything.model.api.DescriptionRequest;
import io.github.describeanything.model.api.Generation;
import io.github.describeanything.model.api.ModelException;
import io.github.describeanything.model.api.RequestException;
import io.github.describeanything.model.api.Subject;
import io.github.describeanything.model.bundle.Bundle;
import io.github.describeanything.model.bundle.Manifest;
import io.github.describeanything.model.decode.Decoder;
import io.github.describeanything.model.family.PromptedView;
import io.github.describeanything.model.features.Encoder;
import io.github.describeanything.model.features.PendingFeatures;
import io.github.describeanything.model.features.PictureView;
import io.github.describeanything.model.features.RegionFeatures;
import io.github.describeanything.model.features.View;
import io.github.describeanything.model.lane.Costs;
import io.github.describeanything.model.onnx.Cuda;
import io.github.describeanything.model.segment.SubjectMask;
import io.github.describeanything.model.text.Prompt;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * A loaded model: pictures and masks in, descriptions out. Thread-safe; it runs many requests concurrently.
 *
 * <pre>{@code
 * try (var model = DescribeAnything.open(bundle)) {
 *     System.out.println(model.describe(Subject.of(picture)));
 * }
 * }</pre>
 *
 * <p>{@link #start} does everything for one answer. A server that fetches pictures in between, or asks for several answers
 * about several regions, calls the steps one by one: {@link #reserve}, {@link #prompt}, {@link #features} or {@link #view} and
 * {@link #encode}, then {@link Reservation#start}.
 */
public final class DescribeAnything implements AutoCloseable {
    private final EngineOptions options;
    private final AdmissionLimit limit;
    private final LoadedModel model;
    private final CompletableFuture<ModelException> broken = new CompletableFuture<>();

    private DescribeAnything(
            Bundle bundle, EngineOptions options, UnaryOperator<Encoder> encoders, UnaryOperator<Decoder> decoders) {
        this.options = options;
        var plan = KvCachePlan.of(bundle.manifest(), options);
        limit = new AdmissionLimit(Math.clamp((long) plan.slots() + options.queue(), 1, Integer.MAX_VALUE));
        model = new LoadedModel(bundle, options, plan, encoders, decoders, this::breakDown);
    }

    /** Opens a bundle on the CPU. @throws ModelException if it cannot be used */
    public static DescribeAnything open(Path bundle) {
        return open(bundle, EngineOptions.defaults());
    }

    /** Opens a bundle. @throws ModelException if it cannot be used */
    public static DescribeAnything open(Path bundle, EngineOptions options) {
        return open(bundle, options, UnaryOperator.identity(), UnaryOperator.identity());
    }

    /** For tests, which wrap the encoder and the decoder to inject faults. */
    static DescribeAnything open(
            Path bundle, EngineOptions options, UnaryOperator<Encoder> encoders, UnaryOperator<Decoder> decoders) {
        if (options.device() == EngineOptions.Device.CUDA) {
            // Fail before checking the bundle, which reads gigabytes.
            Cuda.require(options.cuda().device());
        }
        Bundle opened = Bundle.open(bundle);
        LoadedModel.requireArithmetic(opened.manifest(), options.device());
        return new DescribeAnything(opened, options, encoders, decoders);
    }

    private void breakDown(ModelException cause) {
        limit.close(BusyException::broken);
        broken.complete(cause);
    }

    /**
     * Runs {@code listener} on a thread of its own if the model breaks: its device failed and cannot be reopened. A model
     * in this process does not come back then.
     */
    public void whenBroken(Consumer<ModelException> listener) {
        broken.thenAcceptAsync(listener, Thread::startVirtualThread);
    }

    /** Whether the model is broken, as {@link #whenBroken} says. */
    public boolean broken() {
        return broken.isDone();
    }

    // ---- about the model

    /** What the bundle says about itself. */
    public Manifest manifest() {
        return model.bundle().manifest();
    }

    /** Maximum tokens of a prompt and its answer together. */
    public int context() {
        return model.decoder().context();
    }

    /** A line for the log: what runs where, and how much memory its cache may take. */
    public String summary() {
        Manifest manifest = manifest();
        Decoder decoder = model.decoder();
        return "%s (%s, %s) on %s with %d threads: %d slots of %d tokens, key-value cache up to %d MiB, queue of %d"
                        .formatted(
                                manifest.name(),
                                manifest.kind().name().toLowerCase(Locale.ROOT),
                                manifest.precision(),
                                options.device(),
                                options.threads(),
                                decoder.slots(),
                                decoder.context(),
                                decoder.cacheBytes() >> 20,
                                options.queue())
                + manifest.licences().map(DescribeAnything::licences).orElse("");
    }

    private static String licences(List<Manifest.Licence> licences) {
        return licences.stream()
                .map(it -> it.part() + ": " + it.licence())
                .collect(Collectors.joining("; ", ". Licences: ", ""));
    }

    /** Counters and gauges of the engine. */
    public EngineStats stats() {
        Costs costs = model.costs();
        return new EngineStats(
                model.engine().running(),
                model.decoder().slots(),
                limit.acquired(),
                limit.permits(),
                costs.busySeconds(),
                costs.runs(Costs.Kind.DECODE),
                costs.seconds(Costs.Kind.DECODE),
                costs.seconds(Costs.Kind.PREFILL),
                model.engine().generatedTokens(),
                model.features().hits(),
                model.features().misses());
    }

    // ---- answers in one call

    /** Describes a region greedily, by the model's default question. */
    public String describe(Subject subject) {
        return describe(subject, DescriptionRequest.DEFAULT).text();
    }

    /** Answers a request and waits for the whole answer. @throws ModelException if there is none */
    public Description describe(Subject subject, DescriptionRequest request) {
        return describe(List.of(subject), request);
    }

    /** Answers a request about a region in the frames of a video. */
    public Description describe(List<Subject> frames, DescriptionRequest request) {
        try (Generation generation = start(frames, request)) {
            return generation.await();
        }
    }

    /** Answers a request on a thread of its own. Cancelling the future does not stop the work. */
    public CompletableFuture<Description> describeAsync(Subject subject, DescriptionRequest request) {
        return describeAsync(List.of(subject), request);
    }

    /** Answers a request about a region in the frames of a video on a thread of its own. */
    public CompletableFuture<Description> describeAsync(List<Subject> frames, DescriptionRequest request) {
        return CompletableFuture.supplyAsync(() -> describe(frames, request), Thread::startVirtualThread);
    }

    /** Starts one answer; the same as {@link #start(List, DescriptionRequest)} with one frame. */
    public Generation start(Subject subject, DescriptionRequest request) {
        return start(List.of(subject), request);
    }

    /**
     * Starts one answer. Blocks until the prompt and the pictures are prepared.
     *
     * @param frames one picture, or exactly the frames of the model's video mode
     * @throws BusyException before any work is done if the queue is full, or if the model is closing
     * @throws RequestException if the request is invalid
     * @throws CancellationException if the calling thread is interrupted; the work is dropped
     */
    public Generation start(List<Subject> frames, DescriptionRequest request) {
        List<Subject> subjects = List.copyOf(frames);
        try (Reservation reservation = reserve(1)) {
            Prompt prompt = prompt(subjects.size(), request.question());
            try (PendingFeatures features = model.workers().call(() -> features(subjects))) {
                return reservation.start(prompt, features, request);
            }
        }
    }

    private PendingFeatures features(List<Subject> frames) {
        ByteBuffer key = SubjectKey.of(frames);
        return features(key)
                .orElseGet(() -> encode(
                        key,
                        frames.stream()
                                .map(it -> view(it.picture()).region(it.mask()))
                                .toList()));
    }

    // ---- answers step by step

    /** @throws BusyException if the queue is full or the model is closing */
    public void requireRoom() {
        limit.requireRoom();
    }

    /**
     * Reserves permits for the answers of one request, all or none, before any work is done for them.
     *
     * @throws BusyException if too few permits are free, or the model is closing
     * @throws RequestException if there are not that many permits in total
     */
    public Reservation reserve(int answers) {
        return new Reservation(model.engine(), limit, answers);
    }

    /**
     * Tokenises a prompt, on a worker.
     *
     * @param frames pictures of the request
     * @param question blank asks the model's default question
     * @throws RequestException if the model does not take this number of pictures, or the prompt is too long
     * @throws BusyException if the model is closing
     * @throws CancellationException if the calling thread is interrupted
     */
    public Prompt prompt(int frames, String question) {
        return onWorker(() -> model.prompts().build(frames, question, context() - 1));
    }

    /**
     * The small bounded pool for CPU-bound work: decoding pictures, rasterising regions, resizing. Closing the model
     * cancels tasks that have not started and waits for those that have. Tasks must not wait for each other.
     */
    public ExecutorService workers() {
        return model.workers().pool();
    }

    /**
     * Runs a task on {@link #workers()} and waits for its result. Do not call it on a worker.
     *
     * @throws BusyException if the model is closing, or memory ran out
     * @throws CancellationException if the calling thread is interrupted; the task may still run
     */
    public <T> T onWorker(Callable<T> task) {
        return model.workers().call(task);
    }

    /**
     * The features of a region if they are cached or being computed; then its pictures need not be decoded. Close the
     * result.
     *
     * @param key identifies pictures and masks by content
     */
    public Optional<PendingFeatures> features(ByteBuffer key) {
        return model.features().find(key);
    }

    /**
     * Whether the model finds regions itself: then pictures are {@link PromptedView}s, and {@link #masks} returns their masks.
     */
    public boolean segments() {
        return model.vision().segments();
    }

    /** The masks that the model found of a region, one per frame; none unless it {@linkplain #segments segments}. */
    public List<SubjectMask> masks(RegionFeatures features) {
        return model.vision().masks(features);
    }

    /** Prepares a picture for its regions. Its colours are resized once, with the first region. */
    public PictureView view(Picture picture) {
        return model.vision().view(picture);
    }

    /**
     * Queues a region to be encoded, or joins one with the same key; returns at once. Close the result.
     *
     * @param key identifies pictures and masks by content; it must not change
     * @param frames the region in each frame
     */
    public PendingFeatures encode(ByteBuffer key, List<View> frames) {
        return model.features().encode(key, frames);
    }

    // ---- shutdown

    /** Admits no new requests and waits for running ones. @return whether all of them ended in time */
    public boolean drain(Duration patience) {
        return limit.drain(patience);
    }

    /** Fails running requests and releases everything. May be called again. */
    @Override
    public void close() {
        limit.drain(Duration.ZERO);
        model.close();
    }
}
