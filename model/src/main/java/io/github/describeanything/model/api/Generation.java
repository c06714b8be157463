package io.github.describeanything.model.api;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;

/**
 * A running answer. One thread reads it; any thread may {@link #cancel} it. Closing it cancels it; its slot is free
 * before the engine's next step.
 */
public interface Generation extends AutoCloseable {

    /** Waits for the next event. After the last event, returns that one again. */
    GenerationEvent next() throws InterruptedException;

    /** Waits at most this long for the next event; empty on timeout. */
    Optional<GenerationEvent> poll(Duration patience) throws InterruptedException;

    /** Tokens of the prompt, image embeddings included; known before the first event. */
    int promptTokens();

    /**
     * Its place in the queue: how many of the answers that came earlier must end before it has a slot. Empty if there is a
     * slot for it, or once it has begun.
     */
    OptionalInt queued();

    /** Releases the slot before the engine's next step. Does nothing after the last event. */
    void cancel();

    /**
     * Waits for the whole answer.
     *
     * @throws ModelException if the generation fails or the calling thread is interrupted
     * @throws CancellationException if another thread cancels it
     */
    default Description await() {
        var text = new StringBuilder();
        var logprobs = new ArrayList<TokenLogprob>();
        try {
            while (true) {
                switch (next()) {
                    case GenerationEvent.Delta delta -> {
                        text.append(delta.text());
                        logprobs.addAll(delta.logprobs());
                    }
                    case GenerationEvent.Finished end -> {
                        return new Description(text.toString(), end.reason(), end.usage(), end.timings(), logprobs);
                    }
                    case GenerationEvent.Failed failed -> throw failed.cause();
                    case GenerationEvent.Cancelled ignored ->
                        throw new CancellationException("The generation was cancelled");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ModelException("Interrupted while waiting for the answer", e);
        }
    }

    @Override
    default void close() {
        cancel();
    }
}
