package io.github.describeanything.server.errors;

import io.github.describeanything.model.api.BusyException;
import io.github.describeanything.model.api.RequestException;
import io.javalin.http.HttpResponseException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.io.EofException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.exc.JacksonIOException;

/** The one place that maps exceptions to an {@link ApiException}. Stateless. */
public final class ErrorMapper {
    private static final Logger LOG = LoggerFactory.getLogger(ErrorMapper.class);

    private ErrorMapper() {}

    /** Whether the client has disconnected. */
    public static boolean clientDisconnected(Throwable thrown) {
        // Malformed HTTP also ends the stream early, but its sender may still be reading.
        return thrown instanceof ApiException error
                ? error.status() == ApiException.CLIENT_LEFT
                : within(thrown, EofException.class) && !within(thrown, HttpException.class);
    }

    private static boolean within(Throwable thrown, Class<?> kind) {
        for (Throwable it = thrown; it != null; it = it.getCause()) {
            if (kind.isInstance(it)) {
                return true;
            }
        }
        return false;
    }

    /** The error for the client. Server faults are logged here. */
    public static ApiException map(Throwable thrown) {
        return switch (thrown) {
            case ApiException error -> error;
            case RequestException error -> ApiException.badRequest(error.param(), error.code(), text(error));
            case BusyException busy -> busy(busy);
            case CancellationException ignored -> ApiException.clientDisconnected();
            case JacksonIOException error ->
                map(Optional.<Throwable>ofNullable(error.getCause()).orElse(unreadable()));
            case HttpException error ->
                ApiException.of(error.getCode(), "bad_request", "The request could not be read");
            case HttpResponseException error -> javalin(error);
            case IOException slow
            when within(slow, TimeoutException.class) ->
                ApiException.of(408, "bad_request", "The request body arrived too slowly");
            case IOException ignored -> unreadable();
            case OutOfMemoryError ignored -> map(BusyException.outOfMemory());
            default -> {
                LOG.error("Unexpected failure", thrown);
                yield ApiException.of(500, "internal_error", "Internal error; see the server's log");
            }
        };
    }

    private static ApiException unreadable() {
        return ApiException.of(400, "bad_request", "The request body could not be read");
    }

    private static ApiException busy(BusyException busy) {
        return switch (busy.reason()) {
            case QUEUE_FULL ->
                ApiException.retryLater(429, "queue_full", busy.retryAfter(), "The queue is full; retry later");
            case OUT_OF_MEMORY ->
                ApiException.retryLater(
                        503, "out_of_memory", busy.retryAfter(), "The server is out of memory; retry later");
            case BROKEN ->
                ApiException.retryLater(
                        503,
                        "model_failed",
                        busy.retryAfter(),
                        "This model failed and answers only after a restart of the server; use another one of /v1/models");
            case CLOSING ->
                ApiException.retryLater(503, "shutting_down", busy.retryAfter(), "The server is shutting down");
        };
    }

    private static ApiException javalin(HttpResponseException error) {
        return switch (error.getStatus()) {
            case 404 ->
                ApiException.of(
                        404,
                        "not_found",
                        "No such path: send requests to /v1/chat/completions or /v1/responses; base URLs of clients end in"
                                + " /v1");
            case 405 -> ApiException.of(405, "method_not_allowed", "This path does not accept this method");
            case 413 -> ApiException.of(413, "request_too_large", "The request is too large");
            default -> ApiException.of(error.getStatus(), "bad_request", "The request is invalid");
        };
    }

    private static String text(RuntimeException error) {
        return String.valueOf(error.getMessage());
    }
}
