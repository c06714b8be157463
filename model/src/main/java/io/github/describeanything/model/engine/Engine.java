package io.github.describeanything.model.engine;

import io.github.describeanything.model.BusyException;
import io.github.describeanything.model.DescriptionRequest;
import io.github.describeanything.model.Generation;
import io.github.describeanything.model.ModelException;
import io.github.describeanything.model.decode.Decoder;
import io.github.describeanything.model.decode.Logprobs;
import io.github.describeanything.model.decode.Splice;
import io.github.describeanything.model.onnx.NativeThread;
import io.github.describeanything.model.onnx.OnnxException;
import io.github.describeanything.model.text.Prompt;
import io.github.describeanything.model.text.Vocabulary;
import io.github.describeanything.model.vision.Encoding;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that owns the decoder: sequences join and leave between steps, a step decodes one position of all who
 * write and one chunk of one prompt. Thread-safe towards those who add sequences.
 */
public final class Engine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    private static final int MOVE_WORTH_TOKENS = 8;
    private static final int REOPENINGS = 3;
    private static final String CANNOT_GO_ON = "The decoder failed and cannot go on";
    private static final Duration REOPENING_PAUSE = Duration.ofSeconds(1);

    private final Decoder decoder;
    private final Logprobs logprobs;
    private final Vocabulary vocabulary;
    private final List<Integer> endTokens;
    private final int tokensPerPicture;
    private final Scheduler scheduler;
    private final ChunkPolicy chunks;
    private final LinkedBlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();
    private final int[] held;
    private final float[] logits;
    private final EngineCounters counters = new EngineCounters();
    private final Consumer<ModelException> broken;
    private final Thread thread;
    private final FutureTask<Boolean> warmth;
    private volatile boolean closing;
    private volatile boolean ended;

    /**
     * Takes the decoder over.
     *
     * @param endTokens tokens that end an answer
     * @param tokensPerPicture positions a picture takes
     * @param broken told once if the engine cannot go on; by then all sequences were told
     */
    public Engine(
            Decoder decoder,
            Vocabulary vocabulary,
            List<Integer> endTokens,
            int tokensPerPicture,
            Consumer<ModelException> broken) {
        this.decoder = decoder;
        this.vocabulary = vocabulary;
        this.logprobs = new Logprobs(vocabulary);
        this.endTokens = List.copyOf(endTokens);
        this.tokensPerPicture = tokensPerPicture;
        this.broken = broken;
        this.scheduler = new Scheduler(decoder.slots(), decoder.context());
        this.chunks = new ChunkPolicy(decoder.chunk());
        this.held = new int[decoder.slots()];
        this.logits = new float[decoder.vocabSize()];
        this.warmth = new FutureTask<>(decoder::warmUp, true);
        this.thread = Thread.ofPlatform().name("engine").daemon(true).start(this::run);
    }

    /** Takes a request in whose prompt and pictures are under way. @param leave run once when it ended, however */
    public Generation add(
            DescriptionRequest request, Prompt prompt, Encoding encoding, Stopwatch watch, Runnable leave) {
        var sequence = new Sequence(
                request, prompt, encoding, vocabulary, endTokens, decoder.context(), watch, this::cancelled, leave);
        await(sequence, watch);
        return sequence;
    }

    /** A sequence waits for its features, then for a slot. */
    private void await(Sequence sequence, Stopwatch watch) {
        sequence.encoding().features().whenComplete((features, failure) -> {
            inbox.add(() -> encoded(sequence, watch, Optional.ofNullable(failure)));
            if (ended) {
                // Whether or not the thread took the message in at the last moment, somebody has to tell the reader.
                sequence.fail(BusyException.closing());
            }
        });
    }

    /** Who waits for features that others want too is in no list, and would be found only when they come. */
    private void cancelled(Sequence sequence) {
        inbox.add(sequence::drop);
    }

    private void encoded(Sequence sequence, Stopwatch watch, Optional<Throwable> failure) {
        if (sequence.cancelled()) {
            sequence.drop();
            return;
        }
        try {
            if (failure.isPresent()) {
                throw failure.get() instanceof CompletionException wrapped && wrapped.getCause() != null
                        ? wrapped.getCause()
                        : failure.get();
            }
            watch.ready();
            sequence.splice(tokensPerPicture);
            scheduler.add(sequence);
        } catch (Throwable e) {
            if (!(e instanceof BusyException)) {
                LOG.error("Encoding a region failed", e);
            }
            sequence.fail(told(e, "Encoding the region failed"));
        }
    }

    /** Does every shape of run before anybody waits for it, on the engine's own thread; returns when that is done. */
    public void warmUp() {
        inbox.add(warmth);
        try {
            warmth.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw told(Optional.ofNullable(e.getCause()).orElse(e), "The decoder cannot run here");
        }
    }

    /** What the engine has done and is doing. */
    public EngineCounters counters() {
        return counters;
    }

    private void run() {
        Optional<Throwable> end = Optional.empty();
        try {
            while (!closing) {
                if (scheduler.idle()) {
                    inbox.take().run();
                }
                long start = System.nanoTime();
                for (Runnable message = inbox.poll(); message != null; message = inbox.poll()) {
                    message.run();
                }
                step();
                counters.busy(System.nanoTime() - start);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            end = Optional.of(e);
        } finally {
            ended = true;
            for (Runnable message = inbox.poll(); message != null; message = inbox.poll()) {
                message.run();
            }
            for (Sequence left : scheduler.all()) {
                end.ifPresentOrElse(cause -> left.fail(told(cause, CANNOT_GO_ON)), left::drop);
            }
            end.ifPresent(cause -> broken.accept(new ModelException(CANNOT_GO_ON, cause)));
        }
    }

    private void step() throws InterruptedException {
        try {
            scheduler.sweep();
            scheduler.admit();
            counters.load(scheduler.running());
            compact();
            decode();
            prefill();
        } catch (RuntimeException | OutOfMemoryError e) {
            if (!closing) {
                recover(e);
            }
        }
    }

    /**
     * Whatever it was, nobody may wait for ever: all are told, and the next step begins with empty slots. What failed
     * on the device may have left it half used (after running out of memory, CUDA sessions do), so all that is on it is
     * taken anew. Others may have its memory for a moment; if it is not to be had, that is the engine's end.
     */
    private void recover(Throwable cause) throws InterruptedException {
        LOG.error("A step of the decoder failed", cause);
        scheduler.failAll(told(cause, "The decoder failed"));
        counters.load(0);
        if (!(cause instanceof OnnxException)) {
            return;
        }
        for (int left = REOPENINGS; !closing; left--) {
            try {
                decoder.reopen();
                LOG.warn("The decoder was opened again");
                return;
            } catch (RuntimeException | OutOfMemoryError e) {
                if (closing) {
                    return;
                }
                LOG.error("The decoder cannot be opened again; {} further tries", left - 1, e);
                if (left == 1) {
                    throw e;
                }
                Thread.sleep(REOPENING_PAUSE);
            }
        }
    }

    /** Moves the last row into a hole where that saves more than it costs. */
    private void compact() {
        if (!decoder.movable()) {
            return;
        }
        scheduler.hole().ifPresent(hole -> {
            int last = scheduler.rows() - 1;
            Slot source = scheduler.slot(last);
            if (source.sequence()
                    .filter(it -> it.remaining() > MOVE_WORTH_TOKENS)
                    .isPresent()) {
                decoder.move(last, hole, source.resident());
                scheduler.moved(last, hole);
            }
        });
    }

    private void decode() {
        if (scheduler.rows() == 0) {
            return;
        }
        int rows = decoder.bucket(scheduler.rows());
        for (int i = 0; i < rows; i++) {
            Slot slot = scheduler.slot(i);
            if (scheduler.decodes(i)) {
                Sequence sequence = slot.sequence().orElseThrow();
                decoder.feed(i, sequence.last());
                held[i] = sequence.held();
            } else {
                held[i] = slot.scratchPosition();
            }
        }
        long start = System.nanoTime();
        decoder.decode(rows, held);
        long took = System.nanoTime() - start;
        counters.decoded(took);
        chunks.decoded(took);
        for (int i = 0; i < rows; i++) {
            if (scheduler.decodes(i)) {
                Slot slot = scheduler.slot(i);
                Sequence sequence = slot.sequence().orElseThrow();
                slot.wrote(sequence.last(), sequence.held());
                sequence.advance(1);
                choose(i, slot, sequence);
            }
        }
    }

    private void prefill() {
        scheduler.prefilling().ifPresent(index -> {
            Slot slot = scheduler.slot(index);
            Sequence sequence = slot.sequence().orElseThrow();
            Splice prompt = sequence.splice();
            int from = sequence.held();
            int count = Math.min(chunks.next(scheduler.rows() > 0), prompt.positions() - from);
            long start = System.nanoTime();
            decoder.prefill(index, prompt, from, count);
            long took = System.nanoTime() - start;
            counters.prefilled(took);
            chunks.prefilled(count, took);
            slot.wrote(prompt.entries(), from, count);
            sequence.advance(count);
            if (!sequence.prefilling()) {
                scheduler.prefilled();
                choose(0, slot, sequence);
            }
        });
    }

    private void choose(int row, Slot slot, Sequence sequence) {
        decoder.logits(row, logits);
        // One number that is none makes them all so.
        if (Float.isNaN(logits[0])) {
            sequence.fail(new ModelException("The decoder computed no numbers"));
            // Nobody may go on from such keys and values.
            slot.forget();
            return;
        }
        sequence.accept(logits, logprobs);
        counters.generated();
    }

    private static ModelException told(Throwable cause, String message) {
        return switch (cause) {
            case BusyException busy -> busy;
            case Throwable it when OnnxException.outOfMemory(it) -> BusyException.outOfMemory();
            default -> new ModelException(message, cause);
        };
    }

    @Override
    public void close() {
        closing = true;
        decoder.terminate();
        inbox.add(() -> {});
        NativeThread.join(thread);
        decoder.close();
    }
}
