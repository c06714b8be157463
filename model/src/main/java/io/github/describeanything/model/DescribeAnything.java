package io.github.describeanything.model;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.bundle.Bundle;
import io.github.describeanything.model.bundle.Manifest;
import io.github.describeanything.model.bundle.Manifest.DType;
import io.github.describeanything.model.decode.Decoder;
import io.github.describeanything.model.decode.OnnxDecoder;
import io.github.describeanything.model.engine.Engine;
import io.github.describeanything.model.engine.Stopwatch;
import io.github.describeanything.model.onnx.Cuda;
import io.github.describeanything.model.onnx.Graph;
import io.github.describeanything.model.onnx.Placement;
import io.github.describeanything.model.text.Prompt;
import io.github.describeanything.model.text.PromptTemplate;
import io.github.describeanything.model.text.Tokenizer;
import io.github.describeanything.model.text.Vocabulary;
import io.github.describeanything.model.vision.Encoder;
import io.github.describeanything.model.vision.Encoding;
import io.github.describeanything.model.vision.Preprocessor;
import io.github.describeanything.model.vision.RegionEncoder;
import io.github.describeanything.model.vision.VisionEncoder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * A loaded model: masked pictures in, descriptions out. Thread-safe; many requests are worked on at once.
 *
 * <pre>{@code
 * try (var model = DescribeAnything.open(bundle)) {
 *     System.out.println(model.describe(picture));
 * }
 * }</pre>
 */
public final class DescribeAnything implements AutoCloseable {
    private static final int PREFILL_CHUNK = 512;
    private static final int FRAMES_AT_ONCE = 8;

    private final Manifest manifest;
    private final EngineOptions options;
    private final Tokenizer tokenizer;
    private final PromptTemplate prompts;
    private final ExecutorService workers;
    private final RegionEncoder regions;
    private final Decoder decoder;
    private final Engine engine;
    private final Places places;
    private final CompletableFuture<ModelException> broken = new CompletableFuture<>();

    private DescribeAnything(
            Bundle bundle, EngineOptions options, UnaryOperator<Encoder> encoders, UnaryOperator<Decoder> decoders) {
        this.manifest = bundle.manifest();
        this.options = options;
        Memory memory = Memory.plan(manifest, options);
        places = new Places(Math.clamp((long) memory.slots() + options.queue(), 1, Integer.MAX_VALUE));
        Placement placement = switch (options.device()) {
            case CPU -> Placement.cpu(options.threads());
            case CUDA ->
                Placement.cuda(
                        options.cuda().device(),
                        options.cuda().graphs(),
                        options.cuda().providerOptions());
        };
        var opened = new ArrayDeque<AutoCloseable>();
        try {
            tokenizer = Tokenizer.load(bundle.file("tokenizer.json"));
            opened.push(tokenizer);
            Vocabulary vocabulary = Vocabulary.load(bundle.file("tokenizer.json"), manifest.decoder());
            prompts = new PromptTemplate(manifest, tokenizer, vocabulary.longestPiece());
            workers = Executors.newFixedThreadPool(
                    options.workers(),
                    Thread.ofPlatform().name("worker-", 0).daemon(true).factory());
            opened.push(workers);
            var preprocessor = new Preprocessor(Graph.load(bundle.file("preprocess.onnx"), Placement.cpu(1)));
            opened.push(preprocessor);
            Encoder encoder = encoders.apply(new VisionEncoder(
                    () -> Graph.load(bundle.file("vision.onnx"), placement),
                    manifest.image().size()));
            opened.push(encoder);
            regions = new RegionEncoder(
                    preprocessor,
                    encoder,
                    workers,
                    options.regionCache(),
                    Math.max(FRAMES_AT_ONCE, manifest.maxFrames()),
                    options.device() == EngineOptions.Device.CUDA,
                    this::end);
            opened.removeAll(List.of(preprocessor, encoder));
            opened.push(regions);
            decoder = decoders.apply(new OnnxDecoder(
                    bundle, memory.slots(), memory.context(), Math.min(PREFILL_CHUNK, memory.context()), placement));
            opened.push(decoder);
            engine = new Engine(
                    decoder,
                    vocabulary,
                    manifest.decoder().eosTokenIds(),
                    manifest.image().tokens(),
                    this::end);
            opened.remove(decoder);
            opened.push(engine);
            warmUp();
        } catch (RuntimeException | Error e) {
            opened.forEach(it -> closeQuietly(it, e));
            throw e;
        }
    }

    /** What was opened before something failed. */
    private static void closeQuietly(AutoCloseable opened, Throwable why) {
        try {
            opened.close();
        } catch (Exception e) {
            why.addSuppressed(e);
        }
    }

    /** On a GPU the first run of every shape is slow, so all are done before anybody waits; a CPU has nothing to learn. */
    private void warmUp() {
        if (options.device() == EngineOptions.Device.CUDA) {
            regions.warmUp(manifest.image().size());
            engine.warmUp();
        }
    }

    /** Opens a bundle on the CPU. @throws ModelException if it cannot be used */
    public static DescribeAnything open(Path bundle) {
        return open(bundle, EngineOptions.defaults());
    }

    /** Opens a bundle. @throws ModelException if it cannot be used */
    public static DescribeAnything open(Path bundle, EngineOptions options) {
        return open(bundle, options, UnaryOperator.identity(), UnaryOperator.identity());
    }

    /** The same with something around what runs on the device, so that tests can make it fail. */
    static DescribeAnything open(
            Path bundle, EngineOptions options, UnaryOperator<Encoder> encoders, UnaryOperator<Decoder> decoders) {
        if (options.device() == EngineOptions.Device.CUDA) {
            // Before gigabytes are read and checked for nothing.
            Cuda.require();
        }
        Bundle opened = Bundle.open(bundle);
        requireArithmetic(opened.manifest(), options.device());
        return new DescribeAnything(opened, options, encoders, decoders);
    }

    /** @throws ModelException if the device has no operators for the type that the decoder computes in */
    static void requireArithmetic(Manifest manifest, EngineOptions.Device device) {
        DType dtype = manifest.decoder().dtype();
        if (device == EngineOptions.Device.CPU && dtype == DType.BFLOAT16) {
            throw new ModelException(
                    manifest.name()
                            + " computes in bfloat16, which a CPU does not: serve it with --device cuda, or export it for the CPU");
        }
        if (device == EngineOptions.Device.CUDA && dtype == DType.FLOAT32) {
            throw new ModelException(manifest.name()
                    + " was exported for the CPU: export it again with --device cuda to serve it there");
        }
    }

    /** Takes no new work: what failed cannot be had again. */
    private void end(ModelException cause) {
        places.drain(Duration.ZERO);
        broken.complete(cause);
    }

    /**
     * Runs {@code listener}, on a thread of its own, if the model broke for good; a program that serves it should then end
     * and be restarted.
     */
    public void whenBroken(Consumer<ModelException> listener) {
        broken.thenAcceptAsync(listener, Thread::startVirtualThread);
    }

    /** Refuses, before anything is read, who would find no place. @throws BusyException if all places are taken */
    public void requireRoom() {
        places.requireOne();
    }

    /** What the bundle says of itself. */
    public Manifest manifest() {
        return manifest;
    }

    /** Positions that a prompt and its answer may have together. */
    public int context() {
        return decoder.context();
    }

    /** One line for people: what runs where, and the memory that its cache may take. */
    public String summary() {
        return "%s (%s, %s) on %s with %d threads: %d slots of %d positions, key-value cache up to %d MiB, queue of %d"
                .formatted(
                        manifest.name(),
                        manifest.kind().name().toLowerCase(java.util.Locale.ROOT),
                        manifest.precision(),
                        options.device(),
                        options.threads(),
                        decoder.slots(),
                        decoder.context(),
                        decoder.cacheBytes() >> 20,
                        options.queue());
    }

    /** What is going on now. */
    public Load load() {
        var counters = engine.counters();
        return new Load(
                counters.running(),
                decoder.slots(),
                places.taken(),
                places.size(),
                counters.busyNanos() / 1e9,
                counters.steps(),
                counters.decodeNanos() / 1e9,
                counters.prefillNanos() / 1e9,
                counters.generatedTokens(),
                regions.hits(),
                regions.misses());
    }

    /** Describes the masked region of a picture, greedily, by the bundle's default question. */
    public String describe(Picture maskedPicture) {
        return describe(DescriptionRequest.of(maskedPicture)).text();
    }

    /** Answers a request and waits for the whole answer. @throws ModelException if there is none */
    public Description describe(DescriptionRequest request) {
        try (Generation generation = start(request)) {
            return Descriptions.read(generation);
        }
    }

    /** Answers a request on a thread of its own; cancelling the future does not stop the work. */
    public CompletableFuture<Description> describeAsync(DescriptionRequest request) {
        return CompletableFuture.supplyAsync(() -> describe(request), Thread::startVirtualThread);
    }

    /**
     * Begins to answer a request. Returns when pictures and prompt proved to be good; meanwhile the caller waits.
     *
     * @throws BusyException if all places are taken, before anything was decoded, or if the model closes meanwhile
     * @throws RequestException if the request cannot be answered as it is
     * @throws CancellationException if the calling thread is interrupted; what was begun is given up
     */
    public Generation start(DescriptionRequest request) {
        return start(List.of(request)).getFirst();
    }

    /** The same for requests that belong together: all are accepted, or none. */
    public List<Generation> start(List<DescriptionRequest> requests) {
        return start(requests.size(), () -> requests);
    }

    /**
     * The same where making the requests is work in itself, such as fetching pictures: it is done by the caller's thread,
     * once there are places for them.
     *
     * @param count how many there will be
     */
    public List<Generation> start(int count, Supplier<List<DescriptionRequest>> making) {
        var watch = new Stopwatch();
        places.take(count);
        var started = new ArrayList<Generation>();
        try {
            List<DescriptionRequest> requests = making.get();
            if (requests.size() != count) {
                throw new IllegalArgumentException(requests.size() + " requests in place of " + count);
            }
            List<Prepared> prepared = prepare(requests);
            for (int i = 0; i < requests.size(); i++) {
                Prepared it = prepared.get(i);
                started.add(engine.add(requests.get(i), it.prompt, it.encoding, watch.copy(), places::giveBack));
            }
            return started;
        } catch (RuntimeException | Error e) {
            for (int i = started.size(); i < count; i++) {
                places.giveBack();
            }
            started.forEach(Generation::cancel);
            throw e;
        }
    }

    private record Prepared(Prompt prompt, Encoding encoding) {}

    /**
     * Tokenises and checks on the pool, then begins all encodings, so that they run side by side, then waits for the
     * pictures.
     */
    private List<Prepared> prepare(List<DescriptionRequest> requests) {
        List<List<PictureSource>> unknown = requests.stream()
                .map(DescriptionRequest::frames)
                .distinct()
                .filter(it -> !regions.knows(it))
                .toList();
        List<Prompt> tokenised = onWorker(() -> {
            var encoded = requests.stream()
                    .map(it -> prompts.encode(it.frames().size(), it.question(), decoder.context() - 1))
                    .toList();
            unknown.stream().findFirst().ifPresent(DescribeAnything::check);
            return encoded;
        });
        // One by one, so that others have their turn on the pool in between.
        unknown.stream().skip(1).forEach(frames -> onWorker(() -> check(frames)));
        var prepared = new ArrayList<Prepared>();
        try {
            for (int i = 0; i < requests.size(); i++) {
                prepared.add(new Prepared(
                        tokenised.get(i), regions.encode(requests.get(i).frames())));
            }
            prepared.forEach(it -> it.encoding.awaitPrepared());
        } catch (RuntimeException | Error e) {
            prepared.forEach(it -> it.encoding.leave());
            throw e;
        }
        return prepared;
    }

    private static List<PictureSource> check(List<PictureSource> frames) {
        frames.forEach(PictureSource::check);
        return frames;
    }

    private <T> T onWorker(Supplier<T> work) {
        var task = new FutureTask<>(work::get);
        try {
            workers.execute(task);
            return task.get();
        } catch (RejectedExecutionException | CancellationException e) {
            throw BusyException.closing();
        } catch (InterruptedException e) {
            task.cancel(false);
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted");
        } catch (ExecutionException e) {
            throw switch (e.getCause()) {
                case RuntimeException cause -> cause;
                case OutOfMemoryError ignored -> BusyException.outOfMemory();
                case null, default -> new CompletionException(e.getCause());
            };
        }
    }

    /** Takes no new work and waits for what is under way. @return whether all of it ended in time */
    public boolean drain(Duration patience) {
        return places.drain(patience);
    }

    /** Cancels what is under way and gives everything back. May be called again. */
    @Override
    public void close() {
        // Closed in the other order, and each even if one before it fails.
        try (tokenizer;
                engine;
                regions) {
            places.drain(Duration.ZERO);
            for (Runnable dropped : workers.shutdownNow()) {
                // Somebody may wait for it.
                if (dropped instanceof Future<?> task) {
                    task.cancel(false);
                }
            }
            // Until the last of them has ended it may be using what is given back next.
            workers.close();
        }
    }
}
