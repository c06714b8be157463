package io.github.describeanything.model.api;

/** An invalid request. The message says what to change. */
public final class RequestException extends ModelException {
    private static final long serialVersionUID = 1;

    private final String param;
    private final String code;

    /**
     * @param param the field at fault, by its name in the HTTP API, such as {@code top_p}
     * @param code machine-readable, such as {@code invalid_value}
     */
    public RequestException(String param, String code, String message) {
        super(message);
        this.param = param;
        this.code = code;
    }

    /** {@code invalid_value}: the message is the field's name followed by the rule. */
    public static RequestException invalidValue(String param, String rule) {
        return new RequestException(param, "invalid_value", param + " " + rule);
    }

    /** {@code empty_mask}: no pixel of the mask is inside. */
    public static RequestException emptyMask() {
        return new RequestException(
                "messages",
                "empty_mask",
                "The mask is empty: alpha is 0 everywhere; make it above 0 inside the region");
    }

    /** The field at fault, by its name in the HTTP API. */
    public String param() {
        return param;
    }

    /** The machine-readable error code. */
    public String code() {
        return code;
    }
}
