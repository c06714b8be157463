package io.github.describeanything.model;

import java.time.Duration;

/** Not now, through no fault of the request: try again later. */
public final class BusyException extends ModelException {
    private static final long serialVersionUID = 1;

    /** Why not now. */
    public enum Reason {
        /** Every slot is taken and the waiting queue is full. */
        QUEUE_FULL,
        /** Memory of the host or the device ran out; what was under way was given up. */
        OUT_OF_MEMORY,
        /** The model is closing. */
        CLOSING
    }

    private final Reason reason;
    private final Duration retryAfter;

    public BusyException(Reason reason, String message, Duration retryAfter) {
        super(message);
        this.reason = reason;
        this.retryAfter = retryAfter;
    }

    /** Memory ran out under what was under way. */
    public static BusyException outOfMemory() {
        return new BusyException(Reason.OUT_OF_MEMORY, "Out of memory; try again", Duration.ofSeconds(5));
    }

    /** The model is closing, and what was not finished is given up. */
    public static BusyException closing() {
        return new BusyException(Reason.CLOSING, "The model is closing", Duration.ofSeconds(5));
    }

    public Reason reason() {
        return reason;
    }

    /** When a second try makes sense. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
