package io.github.describeanything.model;

import java.time.Duration;
import java.util.Optional;

/**
 * One running generation, read by one thread; {@link #cancel} may come from any. Closing it cancels what is left, and
 * its slot is free before the engine's next step.
 */
public interface Generation extends AutoCloseable {

    /** Waits for the next event. After an end it returns the same end again. */
    GenerationEvent next() throws InterruptedException;

    /** Waits at most this long for the next event; empty if there was none. */
    Optional<GenerationEvent> poll(Duration patience) throws InterruptedException;

    /** Positions of the prompt, known before the first event. */
    int promptTokens();

    /** Gives the slot back before the next step. Does nothing after the end. */
    void cancel();

    @Override
    default void close() {
        cancel();
    }
}
