package io.github.describeanything.bulk.endpoint;

/** The model did not answer, or not so that it could be understood, however often it was asked. */
public final class EndpointException extends Exception {
    private static final long serialVersionUID = 1;

    private final String code;
    private final boolean hopeless;

    private EndpointException(String code, boolean hopeless, String message) {
        super(message);
        this.code = code;
        this.hopeless = hopeless;
    }

    /** Another request may be answered. */
    public static EndpointException failed(String code, String message) {
        return new EndpointException(code, false, message);
    }

    /** Every request would be refused like this one: a wrong key, a wrong model. */
    public static EndpointException hopeless(String code, String message) {
        return new EndpointException(code, true, message);
    }

    /** A failure of this program. */
    public static EndpointException unexpected(Throwable cause) {
        return new EndpointException("internal_error", false, cause.toString());
    }

    public String code() {
        return code;
    }

    public boolean hopeless() {
        return hopeless;
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
