package io.github.describeanything.model.api;

import java.time.Duration;

/** The model cannot take or finish the request now, though nothing is wrong with it: try again later. */
public final class BusyException extends ModelException {
    private static final long serialVersionUID = 1;

    /** Why the request cannot be served now. */
    public enum Reason {
        /** As many requests are under way as slots and queue admit. */
        QUEUE_FULL,
        /** The host or the device ran out of memory, and the work in progress was dropped. */
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

    /** The host or the device ran out of memory. */
    public static BusyException outOfMemory() {
        return new BusyException(Reason.OUT_OF_MEMORY, "Out of memory; try again", Duration.ofSeconds(5));
    }

    /** The model is closing and drops what is unfinished. */
    public static BusyException closing() {
        return new BusyException(Reason.CLOSING, "The model is closing", Duration.ofSeconds(5));
    }

    public Reason reason() {
        return reason;
    }

    /** How long to wait before trying again. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
