package io.github.describeanything.server.errors;

import java.time.Duration;
import java.util.Optional;

/**
 * An error response in OpenAI's form. Immutable.
 *
 * <p>The message goes to the client: it says what to change and contains no path, secret or stack trace.
 */
public final class ApiException extends RuntimeException {
    /** The status of {@link #clientDisconnected}, as in nginx. */
    public static final int CLIENT_LEFT = 499;

    private static final long serialVersionUID = 1;
    private final int status;
    private final String type;
    private final transient Optional<String> param;
    private final transient Optional<String> code;
    private final transient Optional<Duration> retryAfter;

    public ApiException(
            int status,
            String type,
            Optional<String> param,
            Optional<String> code,
            Optional<Duration> retryAfter,
            String message) {
        super(message, null, false, false);
        this.status = status;
        this.type = type;
        this.param = param;
        this.code = code;
        this.retryAfter = retryAfter;
    }

    /** 400: a field is invalid. */
    public static ApiException badRequest(String param, String code, String message) {
        return new ApiException(
                400, "invalid_request_error", Optional.of(param), Optional.of(code), Optional.empty(), message);
    }

    /** The same error for another field, also at the start of the message; an empty name keeps the field unchanged. */
    public ApiException at(String field) {
        Optional<String> blamed = field.isEmpty() ? param : Optional.of(field);
        String message = param.filter(it -> !field.isEmpty() && getMessage().startsWith(it))
                .map(it -> field + getMessage().substring(it.length()))
                .orElse(getMessage());
        return new ApiException(status, type, blamed, code, retryAfter, message);
    }

    /** 400 {@code invalid_value}: a field is out of range or of the wrong type. */
    public static ApiException badValue(String param, String message) {
        return badRequest(param, "invalid_value", message);
    }

    /** An error that concerns no single field. */
    public static ApiException of(int status, String code, String message) {
        String type = status >= 500 ? "server_error" : "invalid_request_error";
        return new ApiException(status, type, Optional.empty(), Optional.of(code), Optional.empty(), message);
    }

    /** 413: the body is larger than allowed. */
    public static ApiException tooLarge(long limit) {
        return of(413, "request_too_large", "The request is larger than %d bytes".formatted(limit));
    }

    /** 404: the model is not served here. */
    public static ApiException noSuchModel(String served) {
        return new ApiException(
                404,
                "invalid_request_error",
                Optional.of("model"),
                Optional.of("model_not_found"),
                Optional.empty(),
                "No such model; this server serves " + served);
    }

    /** Only for the log: the client has disconnected. */
    public static ApiException clientDisconnected() {
        return of(CLIENT_LEFT, "client_closed_request", "The client disconnected");
    }

    /** 429 or 503: retry later. */
    public static ApiException retryLater(int status, String code, Duration retryAfter, String message) {
        String type = status == 429 ? "rate_limit_error" : "server_error";
        return new ApiException(status, type, Optional.empty(), Optional.of(code), Optional.of(retryAfter), message);
    }

    public int status() {
        return status;
    }

    public String type() {
        return type;
    }

    /** The field at fault. */
    public Optional<String> param() {
        return param;
    }

    /** The machine-readable error code. */
    public Optional<String> code() {
        return code;
    }

    /** When to retry. */
    public Optional<Duration> retryAfter() {
        return retryAfter;
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
