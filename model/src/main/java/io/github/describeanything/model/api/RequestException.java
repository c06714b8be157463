package io.github.describeanything.model.api;

/** A request that cannot be answered as it is. The message tells the client what to change. */
public final class RequestException extends ModelException {
    private static final long serialVersionUID = 1;

    private final String param;
    private final String code;

    /**
     * @param param the field at fault, by its name in the HTTP API, such as {@code top_p}
     * @param code what is wrong, in a form for programs, such as {@code invalid_value}
     */
    public RequestException(String param, String code, String message) {
        super(message);
        this.param = param;
        this.code = code;
    }

    /** A field whose value is out of range: {@code invalid_value}. The message is the field's name and the rule. */
    public static RequestException invalidValue(String param, String rule) {
        return new RequestException(param, "invalid_value", param + " " + rule);
    }

    /** A mask without a pixel inside. */
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

    /** What is wrong, in a form for programs. */
    public String code() {
        return code;
    }
}
