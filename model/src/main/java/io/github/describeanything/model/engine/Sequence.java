package io.github.describeanything.model.engine;

import io.github.describeanything.model.DescriptionRequest;
import io.github.describeanything.model.FinishReason;
import io.github.describeanything.model.Generation;
import io.github.describeanything.model.GenerationEvent;
import io.github.describeanything.model.ModelException;
import io.github.describeanything.model.SamplingOptions;
import io.github.describeanything.model.Timings;
import io.github.describeanything.model.TokenLogprob;
import io.github.describeanything.model.Usage;
import io.github.describeanything.model.decode.Logprobs;
import io.github.describeanything.model.decode.Sampler;
import io.github.describeanything.model.decode.Splice;
import io.github.describeanything.model.text.Answer;
import io.github.describeanything.model.text.Prompt;
import io.github.describeanything.model.text.Vocabulary;
import io.github.describeanything.model.vision.Encoding;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * One request on its way through the engine. The engine's thread advances it; its reader takes events from a queue;
 * anybody may cancel it.
 */
final class Sequence implements Generation {
    private final SamplingOptions sampling;
    private final boolean ignoreEos;
    private final Prompt prompt;
    private final Encoding encoding;
    private final Vocabulary vocabulary;
    private final List<Integer> endTokens;
    private final int maxTokens;
    private final Sampler sampler;
    private final Answer answer;
    private final Consumer<Sequence> cancelling;
    private final Runnable leave;
    private final Stopwatch watch;
    private final LinkedBlockingQueue<GenerationEvent> events = new LinkedBlockingQueue<>();
    private final AtomicBoolean cancelled = new AtomicBoolean();
    private final AtomicBoolean left = new AtomicBoolean();
    private final AtomicBoolean ended = new AtomicBoolean();
    private Optional<GenerationEvent> end = Optional.empty();

    // Of the engine's thread alone.
    private Optional<Splice> splice = Optional.empty();
    private final PendingLogprobs pending = new PendingLogprobs();
    private int held;
    private int cached;
    private int generated;
    private int last;

    /**
     * @param context positions a slot holds
     * @param cancelling tells the engine that it was cancelled, by any thread
     * @param leave gives the request's place back; called once
     */
    Sequence(
            DescriptionRequest request,
            Prompt prompt,
            Encoding encoding,
            Vocabulary vocabulary,
            List<Integer> endTokens,
            int context,
            Stopwatch watch,
            Consumer<Sequence> cancelling,
            Runnable leave) {
        // Not the request itself: its pictures have been read and may go.
        this.sampling = request.sampling();
        this.ignoreEos = request.ignoreEos();
        this.prompt = prompt;
        this.encoding = encoding;
        this.vocabulary = vocabulary;
        this.endTokens = endTokens;
        this.maxTokens = Math.min(request.maxTokens(), context - prompt.positions());
        this.sampler = new Sampler(sampling);
        this.answer = new Answer(request.stop());
        this.watch = watch;
        this.cancelling = cancelling;
        this.leave = leave;
    }

    // ---- the reader's side

    @Override
    public GenerationEvent next() throws InterruptedException {
        if (end.isPresent()) {
            return end.get();
        }
        return seen(events.take());
    }

    @Override
    public Optional<GenerationEvent> poll(Duration patience) throws InterruptedException {
        if (end.isPresent()) {
            return end;
        }
        return Optional.ofNullable(events.poll(patience.toNanos(), TimeUnit.NANOSECONDS))
                .map(this::seen);
    }

    private GenerationEvent seen(GenerationEvent event) {
        if (!(event instanceof GenerationEvent.Delta)) {
            end = Optional.of(event);
        }
        return event;
    }

    @Override
    public int promptTokens() {
        return prompt.positions();
    }

    @Override
    public void cancel() {
        cancelled.set(true);
        leaveEncoding();
        cancelling.accept(this);
    }

    // ---- the engine's side

    boolean cancelled() {
        return cancelled.get();
    }

    Encoding encoding() {
        return encoding;
    }

    /** The prompt with its pictures; only after {@link #splice(int)}. */
    Splice splice() {
        return splice.orElseThrow();
    }

    /** Puts the pictures' features into the prompt. @param tokens rows a picture */
    void splice(int tokens) {
        splice = Optional.of(Splice.of(prompt, encoding.features().join(), tokens));
    }

    /** Gets a slot that holds the first {@code reused} positions of the prompt already. */
    void place(int reused) {
        held = reused;
        cached = reused;
        watch.placed();
    }

    /** Positions in the slot. */
    int held() {
        return held;
    }

    boolean prefilling() {
        return held < prompt.positions();
    }

    /** The token that was chosen last and has to be fed next. */
    int last() {
        return last;
    }

    /** Most tokens that may still follow. */
    int remaining() {
        return maxTokens - generated;
    }

    void advance(int positions) {
        held += positions;
    }

    /** Chooses a token from logits, which are numbers, and tells the reader. */
    void accept(float[] logits, Logprobs logprobs) {
        int top = sampling.topLogprobs();
        float[] untouched = top < 0 ? logits : logits.clone();
        int token = sampler.sample(logits);
        watch.token();
        if (endTokens.contains(token) && !ignoreEos) {
            finish(FinishReason.STOP);
            return;
        }
        last = token;
        generated++;
        String text = answer.append(vocabulary.bytes(token));
        if (top >= 0) {
            pending.add(logprobs.of(untouched, token, top), answer);
        }
        if (!text.isEmpty()) {
            events.add(new GenerationEvent.Delta(text, pending.take(answer)));
        }
        if (answer.stopped()) {
            finish(FinishReason.STOP);
        } else if (generated >= maxTokens) {
            finish(FinishReason.LENGTH);
        }
    }

    private void finish(FinishReason reason) {
        String rest = answer.finish();
        List<TokenLogprob> left = pending.finish(answer);
        if (!rest.isEmpty() || !left.isEmpty()) {
            events.add(new GenerationEvent.Delta(rest, left));
        }
        var usage = new Usage(prompt.positions(), cached, generated);
        var features = encoding.features().join();
        Timings timings = watch.stop(
                encoding.known() ? Duration.ZERO : features.prepare(),
                encoding.known() ? Duration.ZERO : features.encode());
        end(new GenerationEvent.Finished(reason, usage, timings));
    }

    void fail(ModelException cause) {
        end(new GenerationEvent.Failed(cause));
    }

    void drop() {
        end(new GenerationEvent.Cancelled());
    }

    boolean ended() {
        return ended.get();
    }

    private void end(GenerationEvent event) {
        if (ended.compareAndSet(false, true)) {
            leaveEncoding();
            leave.run();
            events.add(event);
        }
    }

    private void leaveEncoding() {
        if (left.compareAndSet(false, true)) {
            encoding.leave();
        }
    }
}
