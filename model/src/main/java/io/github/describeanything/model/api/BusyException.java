package io.github.describeanything.model.api;

import java.time.Duration;

/** The request is valid, but the model cannot run it now: retry later. */
public final class BusyException extends ModelException {
    private static final long serialVersionUID = 1;

    /** Why the request cannot be served now. */
    public enum Reason {
        /** Every permit is taken. */
        QUEUE_FULL,
        /** The host or the device ran out of memory, and running work was dropped. */
        OUT_OF_MEMORY,
        /** The model is closing. */
        CLOSING,
        /** The model's device failed and cannot be reopened. */
        BROKEN
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

    /** The model is closing and drops unfinished work. */
    public static BusyException closing() {
        return new BusyException(Reason.CLOSING, "The model is closing", Duration.ofSeconds(5));
    }

    /** The device failed and cannot be reopened: the model answers again after a restart. */
    public static BusyException broken() {
        return new BusyException(Reason.BROKEN, "The model failed and cannot go on", Duration.ofSeconds(5));
    }

    public Reason reason() {
        return reason;
    }

    /** How long to wait before retrying. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
