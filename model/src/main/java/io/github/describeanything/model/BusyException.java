package io.github.describeanything.model;

import java.time.Duration;

/** Every slot is taken and the waiting queue is full, or memory ran out, or the model is closing: try again later. */
public final class BusyException extends ModelException {
    private final Duration retryAfter;

    public BusyException(String message, Duration retryAfter) {
        super(message);
        this.retryAfter = retryAfter;
    }

    /** When a second try makes sense. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
