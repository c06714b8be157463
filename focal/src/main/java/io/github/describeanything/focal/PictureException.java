package io.github.describeanything.focal;

/** A refused picture, with a message for the client that sent it; immutable and thread-safe. */
public final class PictureException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** The kinds of refusal. */
    public enum Reason {
        /** Not a supported format, or an unsupported variant of one. */
        UNSUPPORTED,
        /** A supported format, but the file is damaged or invalid. */
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
