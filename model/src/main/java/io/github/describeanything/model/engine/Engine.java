package io.github.describeanything.model.engine;

import io.github.describeanything.model.api.BusyException;
import io.github.describeanything.model.api.DescriptionRequest;
import io.github.describeanything.model.api.Generation;
import io.github.describeanything.model.api.ModelException;
import io.github.describeanything.model.decode.Decoder;
import io.github.describeanything.model.decode.Logprobs;
import io.github.describeanything.model.decode.MultimodalPrompt;
import io.github.describeanything.model.features.PendingFeatures;
import io.github.describeanything.model.lane.Costs;
import io.github.describeanything.model.lane.Lane;
import io.github.describeanything.model.lane.Schedule;
import io.github.describeanything.model.lane.WorkSource;
import io.github.describeanything.model.text.Prompt;
import io.github.describeanything.model.text.Tokenizer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Continuous batching over the decoder: sequences join and leave between steps, and a step decodes one token of each
 * running sequence and prefills one chunk of one prompt. Any thread may add sequences; a {@link Lane} runs the steps.
 */
public final class Engine implements WorkSource {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    private final Lane lane;
    private final Decoder decoder;
    private final Tokenizer tokenizer;
    private final Logprobs logprobs;
    private final Scheduler scheduler;
    private final Arrivals arrivals;
    private final SlotMoves moves;
    private final ChunkPolicy chunks;
    private final Schedule schedule;
    private final int[] computed;
    private final float[] logits;
    private final LongAdder generated = new LongAdder();
    private volatile int running;
    /** When the last decode run began. */
    private long decodeBegan;
    /** When the last decode run ended, or the first sequence got its first token. */
    private long decoded;
    /** Whether the last run was a decode run. */
    private boolean decodedLast;

    /** Takes ownership of the decoder. */
    public Engine(Lane lane, Schedule schedule, Decoder decoder, Tokenizer tokenizer) {
        this.lane = lane;
        this.schedule = schedule;
        this.decoder = decoder;
        this.tokenizer = tokenizer;
        this.logprobs = new Logprobs(tokenizer);
        this.scheduler = new Scheduler(decoder.slots(), decoder.context());
        this.arrivals = new Arrivals(decoder.slots());
        this.moves = new SlotMoves(decoder, scheduler);
        this.chunks = new ChunkPolicy(decoder.chunk(), decoder.slots());
        this.computed = new int[decoder.slots()];
        this.logits = new float[decoder.vocabSize()];
    }

    /**
     * Adds a sequence, which waits for its features and then for a slot. Returns at once.
     *
     * @param features a reference that the sequence closes when it ends
     * @param release run once when the sequence ends, however it ends
     */
    public Generation add(
            DescriptionRequest request, Prompt prompt, PendingFeatures features, Stopwatch watch, Runnable release) {
        var sequence = new Sequence(
                request,
                prompt,
                features,
                decoder.context(),
                watch,
                tokenizer.detokenizer(),
                this::cancelled,
                release,
                schedule,
                arrivals);
        features.whenComplete((value, failure) -> {
            if (failure == null) {
                // On vision's thread, so that no run of vision begins before the prompt's.
                sequence.encoded();
            }
            lane.post(() -> encoded(sequence, Optional.ofNullable(failure)));
            lane.end().ifPresent(sequence::fail);
        });
        return sequence;
    }

    /** While features are computed for other requests too, the sequence is in no list and would only end after them. */
    private void cancelled(Sequence sequence) {
        lane.post(sequence::drop);
    }

    private void encoded(Sequence sequence, Optional<Throwable> failure) {
        if (sequence.cancelled()) {
            sequence.drop();
            return;
        }
        if (failure.isEmpty()) {
            sequence.ready();
            scheduler.add(sequence);
            return;
        }
        Throwable cause = failure.get();
        if (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (!(cause instanceof BusyException)) {
            LOG.error("Encoding a region failed", cause);
        }
        sequence.fail(Lane.toClientError(cause, "Encoding the region failed"));
    }

    /** Runs every shape once before any request, and waits for it. */
    public void warmUp() {
        lane.call(decoder::warmUp);
    }

    /** Sequences that have a slot. */
    public int running() {
        return running;
    }

    /** Tokens generated so far. */
    public long generatedTokens() {
        return generated.sum();
    }

    @Override
    public boolean idle() {
        return scheduler.idle() || resting() || schedule.visionFirst() && !due();
    }

    @Override
    public Duration patience() {
        if (scheduler.rows() == 0) {
            return FOREVER;
        }
        return resting() ? restLeft() : gapLeft();
    }

    @Override
    public void step() {
        scheduler.sweep();
        scheduler.admit();
        running = scheduler.running();
        moves.compact();
        if (schedule.throughput()) {
            stepForThroughput();
        } else if (!resting()) {
            decode();
            prefill(chunks.beside(scheduler.rows()));
        }
    }

    private void stepForThroughput() {
        if (schedule.visionFirst()) {
            if (due()) {
                decode();
            }
        } else {
            schedule.run(gapLeft(), this::promptOrDecode);
        }
    }

    /**
     * Computes prompts before it decodes, so that many rows decode together. Chunks end before the maximum gap; if a much
     * larger one fits after a decode run, it decodes first.
     */
    private void promptOrDecode() {
        int fits = scheduler.rows() == 0 ? decoder.chunk() : chunks.within(gapLeft());
        int fitsAfterDecode = chunks.within(schedule.maxGap());
        if (scheduler.prefilling().isPresent() && (decodedLast || 2 * fits >= Math.max(1, fitsAfterDecode))) {
            prefill(Math.max(fits, chunks.smallest()));
        } else {
            decode();
        }
    }

    /** Whether running streams pause so that vision, which runs beside them, has the cores for a while. */
    private boolean resting() {
        return scheduler.rows() > 0 && schedule.visionBeside() && restLeft().isPositive();
    }

    private Duration restLeft() {
        return chunks.interval(scheduler.rows()).minusNanos(System.nanoTime() - decodeBegan);
    }

    /** Whether running streams have reached the maximum gap. */
    private boolean due() {
        return scheduler.rows() > 0 && gapLeft().isNegative();
    }

    /** Time until running streams reach the maximum gap, with the next decode run counted. */
    private Duration gapLeft() {
        if (scheduler.rows() == 0) {
            return FOREVER;
        }
        long step = (long) lane.costs().nanosPerUnit(Costs.Kind.DECODE);
        return schedule.maxGap().minusNanos(System.nanoTime() - decoded + step);
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
                computed[i] = sequence.computed();
            } else {
                computed[i] = slot.scratchPosition();
            }
        }
        boolean alone = !schedule.visionBeside();
        decodeBegan = System.nanoTime();
        decoder.decode(rows, computed);
        decoded = System.nanoTime();
        decodedLast = true;
        lane.costs().record(Costs.Kind.DECODE, 1, decoded - decodeBegan);
        if (alone && !schedule.visionBeside()) {
            chunks.decoded(rows, decoded - decodeBegan);
        }
        for (int i = 0; i < rows; i++) {
            if (scheduler.decodes(i)) {
                Slot slot = scheduler.slot(i);
                Sequence sequence = slot.sequence().orElseThrow();
                slot.wrote(sequence.last(), sequence.computed());
                sequence.advance(1);
                sample(i, slot, sequence);
            }
        }
    }

    /** @param most maximum tokens of this run */
    private void prefill(int most) {
        scheduler.prefilling().ifPresent(index -> {
            Slot slot = scheduler.slot(index);
            Sequence sequence = slot.sequence().orElseThrow();
            moves.fork(index);
            MultimodalPrompt prompt = sequence.prompt();
            int from = sequence.computed();
            int count = chunks.cut(most, prompt.tokens() - from);
            boolean alone = scheduler.rows() == 0;
            long start = System.nanoTime();
            decoder.prefill(index, prompt, from, count);
            decodedLast = false;
            long took = System.nanoTime() - start;
            lane.costs().record(Costs.Kind.PREFILL, count, took);
            chunks.prefilled(count, took);
            slot.wrote(prompt.entries(), from, count);
            sequence.advance(count);
            if (!sequence.prefilling()) {
                if (alone) {
                    decoded = System.nanoTime();
                }
                scheduler.prefilled();
                sample(0, slot, sequence);
            }
        });
    }

    private void sample(int row, Slot slot, Sequence sequence) {
        decoder.logits(row, logits);
        // One NaN poisons all logits of a row; checking the first is enough.
        if (Float.isNaN(logits[0])) {
            sequence.fail(new ModelException("The decoder computed NaN"));
            // Later prompts must not reuse these keys and values.
            slot.clear();
            return;
        }
        sequence.accept(logits, logprobs, tokenizer);
        generated.increment();
    }

    @Override
    public void fail(ModelException cause) {
        scheduler.failAll(cause);
        running = 0;
    }

    @Override
    public void reopen() {
        decoder.reopen();
    }

    @Override
    public void end(ModelException cause) {
        scheduler.all().forEach(it -> it.fail(cause));
    }

    @Override
    public void terminate() {
        decoder.terminate();
    }

    @Override
    public void close() {
        decoder.close();
    }
}
