package io.github.describeanything.model;

/** A request that cannot be answered as it is: the message tells its sender what to change. */
public final class RequestException extends ModelException {
    /** What was wrong, for callers that map it to an answer of their own. */
    public enum Reason {
        EMPTY_MASK,
        NO_MASK,
        FRAME_COUNT,
        PROMPT_TOO_LONG,
        BAD_VALUE
    }

    private final Reason reason;

    public RequestException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
