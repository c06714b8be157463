package io.github.describeanything.model.engine;

import io.github.describeanything.model.api.DescriptionRequest;
import io.github.describeanything.model.api.FinishReason;
import io.github.describeanything.model.api.Generation;
import io.github.describeanything.model.api.GenerationEvent;
import io.github.describeanything.model.api.ModelException;
import io.github.describeanything.model.api.SamplingOptions;
import io.github.describeanything.model.api.TokenLogprob;
import io.github.describeanything.model.api.Usage;
import io.github.describeanything.model.decode.Logprobs;
import io.github.describeanything.model.decode.MultimodalPrompt;
import io.github.describeanything.model.decode.Sampler;
import io.github.describeanything.model.features.PendingFeatures;
import io.github.describeanything.model.lane.Schedule;
import io.github.describeanything.model.text.OutputText;
import io.github.describeanything.model.text.Prompt;
import io.github.describeanything.model.text.StreamingDetokenizer;
import io.github.describeanything.model.text.Tokenizer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * One request in the engine. The engine's thread advances it, its reader takes events from a queue, and any thread may
 * cancel it.
 */
final class Sequence implements Generation {
    /** What the schedule was told. */
    private enum Counted {
        ARRIVED,
        ENCODED,
        ENDED
    }

    private final SamplingOptions sampling;
    private final boolean ignoreEos;
    private final int maxTokens;
    private final Prompt prompt;
    private final PendingFeatures features;
    private final Consumer<Sequence> onCancel;
    private final Runnable release;
    private final Schedule schedule;
    private final Arrivals arrivals;
    private final long arrival;
    private final LinkedBlockingQueue<GenerationEvent> events = new LinkedBlockingQueue<>();
    private final AtomicBoolean cancelled = new AtomicBoolean();
    private final AtomicBoolean featuresClosed = new AtomicBoolean();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicReference<Counted> counted = new AtomicReference<>(Counted.ARRIVED);

    // Written by the engine's thread.
    private volatile boolean started;

    // Used by the reader's thread only.
    private Optional<GenerationEvent> end = Optional.empty();

    // Used by the engine's thread only.
    private final Stopwatch watch;
    private final Sampler sampler;
    private final OutputText text;
    private final PendingLogprobs pendingLogprobs = new PendingLogprobs();
    private Optional<MultimodalPrompt> multimodal = Optional.empty();
    private int computed;
    private int cached;
    private int generated;
    private int last;

    /**
     * @param features closed when the sequence ends
     * @param context capacity of a slot in tokens
     * @param detokenizer turns its tokens into text
     * @param onCancel called on the thread that cancels
     * @param release run once when the sequence ends
     * @param schedule counts sequences before and after their first token
     * @param arrivals knows which sequences came before it
     */
    Sequence(
            DescriptionRequest request,
            Prompt prompt,
            PendingFeatures features,
            int context,
            Stopwatch watch,
            StreamingDetokenizer detokenizer,
            Consumer<Sequence> onCancel,
            Runnable release,
            Schedule schedule,
            Arrivals arrivals) {
        this.sampling = request.sampling();
        this.ignoreEos = request.ignoreEos();
        this.maxTokens = Math.min(request.maxTokens(), context - prompt.tokens());
        this.prompt = prompt;
        this.features = features;
        this.watch = watch;
        this.onCancel = onCancel;
        this.release = release;
        this.schedule = schedule;
        this.sampler = new Sampler(sampling);
        this.text = new OutputText(request.stop(), detokenizer);
        this.arrivals = arrivals;
        this.arrival = arrivals.arrive();
        schedule.arrived();
    }

    // ---- called by the reader

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
        return prompt.tokens();
    }

    @Override
    public OptionalInt queued() {
        return started || ended() ? OptionalInt.empty() : arrivals.queued(arrival);
    }

    @Override
    public void cancel() {
        cancelled.set(true);
        closeFeatures();
        onCancel.accept(this);
    }

    // ---- called by the engine

    boolean cancelled() {
        return cancelled.get();
    }

    boolean ended() {
        return ended.get();
    }

    /** Counts the features as complete. Any thread may call it, before the engine hears of them. */
    void encoded() {
        if (counted.compareAndSet(Counted.ARRIVED, Counted.ENCODED)) {
            schedule.encoded();
        }
    }

    /** The features are complete. */
    void ready() {
        watch.ready();
        multimodal =
                Optional.of(new MultimodalPrompt(prompt, features.features().join()));
    }

    /** The prompt with its features; call it after {@link #ready}. */
    MultimodalPrompt prompt() {
        return multimodal.orElseThrow();
    }

    /** The sequence got a slot that already holds the first {@code reused} tokens of its prompt. */
    void place(int reused) {
        reuse(reused);
        watch.placed();
    }

    /** The first tokens of the prompt were copied from another slot. */
    void reuse(int tokens) {
        computed = tokens;
        cached = tokens;
    }

    /** Whether the sequence has a slot in which nothing was computed for it yet. */
    boolean fresh() {
        return computed == cached;
    }

    /** Tokens whose keys and values are in the slot. */
    int computed() {
        return computed;
    }

    boolean prefilling() {
        return computed < prompt.tokens();
    }

    /** The last sampled token, the next input. */
    int last() {
        return last;
    }

    /** Maximum tokens still to generate. */
    int remaining() {
        return maxTokens - generated;
    }

    void advance(int tokens) {
        computed += tokens;
    }

    /** Samples a token from logits that are not NaN, and emits the text that is ready. */
    void accept(float[] logits, Logprobs logprobs, Tokenizer tokenizer) {
        boolean reports = sampling.topLogprobs().isPresent();
        float[] unfiltered = reports ? logits.clone() : logits;
        int token = sampler.sample(logits);
        watch.token();
        if (!started) {
            started = true;
            schedule.firstToken();
        }
        if (tokenizer.isEos(token) && !ignoreEos) {
            finish(FinishReason.STOP);
            return;
        }
        last = token;
        generated++;
        String delta = text.append(tokenizer.bytes(token));
        if (reports) {
            int top = sampling.topLogprobs().getAsInt();
            pendingLogprobs.add(logprobs.of(unfiltered, token, top), text);
        }
        if (!delta.isEmpty()) {
            events.add(new GenerationEvent.Delta(delta, pendingLogprobs.take(text)));
        }
        if (text.stopped()) {
            finish(FinishReason.STOP);
        } else if (generated >= maxTokens) {
            finish(FinishReason.LENGTH);
        }
    }

    private void finish(FinishReason reason) {
        String rest = text.finish();
        List<TokenLogprob> left = pendingLogprobs.finish(text);
        if (!rest.isEmpty() || !left.isEmpty()) {
            events.add(new GenerationEvent.Delta(rest, left));
        }
        var usage = new Usage(prompt.tokens(), cached, generated);
        Duration encode =
                features.cached() ? Duration.ZERO : prompt().features().encode();
        end(new GenerationEvent.Finished(reason, usage, watch.stop(encode)));
    }

    void fail(ModelException cause) {
        end(new GenerationEvent.Failed(cause));
    }

    /** Ends a cancelled sequence. */
    void drop() {
        end(new GenerationEvent.Cancelled());
    }

    private void end(GenerationEvent event) {
        if (ended.compareAndSet(false, true)) {
            closeFeatures();
            release.run();
            arrivals.leave(arrival);
            boolean encoded = counted.getAndSet(Counted.ENDED) == Counted.ENCODED;
            schedule.ended(encoded, started);
            events.add(event);
        }
    }

    private void closeFeatures() {
        if (featuresClosed.compareAndSet(false, true)) {
            features.close();
        }
    }
}
