package io.github.describeanything.focal;

/** Says why a picture was refused, in words for the client that sent it; immutable and thread-safe. */
public final class PictureException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** The kinds of refusal. */
    public enum Reason {
        /** Not one of the formats that are read, or a variant of one that is not. */
        UNSUPPORTED,
        /** Says it is a format that is read, and breaks that format's rules. */
        MALFORMED,
        /** Over the limits. */
        TOO_LARGE
    }

    private final Reason reason;

    public PictureException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public PictureException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
