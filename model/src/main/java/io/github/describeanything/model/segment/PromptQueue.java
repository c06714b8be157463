package io.github.describeanything.model.segment;

import io.github.describeanything.model.api.ModelException;
import io.github.describeanything.model.lane.Costs;
import io.github.describeanything.model.lane.Lane;
import io.github.describeanything.model.lane.WorkSource;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Prompts waiting for the mask graph. Thread-safe; a {@link Lane} runs it, one prompt a step. */
public final class PromptQueue implements WorkSource {
    private final Lane lane;
    private final MaskDecoder decoder;
    private final Set<Waiting> underWay = ConcurrentHashMap.newKeySet();

    // Used by the lane's thread alone.
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private Optional<Waiting> running = Optional.empty();

    private static final class Waiting {
        private final float[] features;
        private final ModelPrompt prompt;
        private final CompletableFuture<DecodedMasks> masks = new CompletableFuture<>();

        Waiting(float[] features, ModelPrompt prompt) {
            this.features = features;
            this.prompt = prompt;
        }
    }

    /** Takes the decoder over. */
    public PromptQueue(Lane lane, MaskDecoder decoder) {
        this.lane = lane;
        this.decoder = decoder;
    }

    /** Queues a prompt; returns at once. Cancel the future to take it back. */
    CompletableFuture<DecodedMasks> decode(float[] features, ModelPrompt prompt) {
        var fresh = new Waiting(features, prompt);
        underWay.add(fresh);
        lane.post(() -> waiting.add(fresh));
        lane.end().ifPresent(why -> fail(fresh, why));
        return fresh.masks;
    }

    @Override
    public boolean idle() {
        return waiting.isEmpty();
    }

    @Override
    public void step() {
        running = Optional.ofNullable(waiting.poll());
        running.ifPresent(this::run);
        running = Optional.empty();
    }

    private void run(Waiting it) {
        if (!it.masks.isDone()) {
            long start = System.nanoTime();
            DecodedMasks masks = decoder.decode(it.features, it.prompt);
            lane.costs().record(Costs.Kind.MASK, 1, System.nanoTime() - start);
            if (!masks.finite()) {
                throw new ModelException("The mask graph computed NaN or infinity");
            }
            it.masks.complete(masks);
        }
        underWay.remove(it);
    }

    private void fail(Waiting it, ModelException cause) {
        underWay.remove(it);
        it.masks.completeExceptionally(cause);
    }

    @Override
    public void fail(ModelException cause) {
        running.ifPresent(it -> fail(it, cause));
        running = Optional.empty();
    }

    @Override
    public void reopen() {
        decoder.reopen();
    }

    @Override
    public void end(ModelException cause) {
        underWay.forEach(it -> fail(it, cause));
    }

    @Override
    public void close() {
        decoder.close();
    }
}
