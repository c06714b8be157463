package io.github.describeanything.server.errors;

import io.github.describeanything.model.BusyException;
import io.github.describeanything.model.RequestException;
import io.javalin.http.HttpResponseException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.io.EofException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.exc.StreamConstraintsException;

/** The one place where what went wrong becomes a status and a body. Stateless. */
public final class ErrorMapper {
    private static final Logger LOG = LoggerFactory.getLogger(ErrorMapper.class);

    private static final int LONGEST_WORDS = 200;

    private ErrorMapper() {}

    /** The client left, so nobody is there to be told. */
    public static boolean clientLeft(Throwable thrown) {
        // Bytes that are no HTTP also end the stream early, but their sender may still listen.
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

    /** What to tell the client. What is nobody's fault but the server's is logged here. */
    public static ApiException map(Throwable thrown) {
        return switch (thrown) {
            case ApiException error -> error;
            case RequestException error -> ApiException.badRequest(param(error), code(error), message(error));
            case BusyException busy -> busy(busy);
            case StreamConstraintsException error -> beyondBounds(error.getOriginalMessage());
            case JacksonIOException error ->
                map(Optional.<Throwable>ofNullable(error.getCause()).orElse(unreadable()));
            case JacksonException error ->
                ApiException.of(400, "invalid_json", "The request is not valid JSON: " + words(error));
            case HttpException error ->
                ApiException.of(error.getCode(), "bad_request", "The request could not be read");
            case HttpResponseException error -> javalin(error);
            case IOException slow
            when within(slow, TimeoutException.class) ->
                ApiException.of(408, "bad_request", "The request body came too slowly");
            case IOException ignored -> unreadable();
            case OutOfMemoryError ignored -> map(BusyException.outOfMemory());
            default -> {
                LOG.error("Unexpected failure", thrown);
                yield ApiException.of(500, "internal_error", "The server failed; its log says more");
            }
        };
    }

    private static ApiException beyondBounds(String what) {
        if (what.contains("epth")) {
            return ApiException.of(400, "invalid_json", "The JSON is nested too deeply");
        }
        return what.contains("oken")
                ? ApiException.of(400, "too_many_values", "The JSON holds too many values: numbers, names, lists")
                : ApiException.of(400, "invalid_json", "A name or a number in the JSON is too long");
    }

    private static ApiException unreadable() {
        return ApiException.of(400, "bad_request", "The request body could not be read");
    }

    private static ApiException busy(BusyException busy) {
        return switch (busy.reason()) {
            case QUEUE_FULL ->
                ApiException.notNow(429, "queue_full", busy.retryAfter(), "The server is busy; try again later");
            case OUT_OF_MEMORY ->
                ApiException.notNow(
                        503, "out_of_memory", busy.retryAfter(), "The server is short of memory; try again");
            case CLOSING -> ApiException.notNow(503, "shutting_down", busy.retryAfter(), "The server is shutting down");
        };
    }

    private static ApiException javalin(HttpResponseException error) {
        return switch (error.getStatus()) {
            case 404 ->
                ApiException.of(
                        404,
                        "not_found",
                        "No such path: questions go to /v1/chat/completions, and a client's base URL ends in /v1");
            case 405 -> ApiException.of(405, "method_not_allowed", "This path does not take this method");
            case 413 -> ApiException.of(413, "request_too_large", "The request is too large");
            default -> ApiException.of(error.getStatus(), "bad_request", "The request cannot be served");
        };
    }

    private static String param(RequestException error) {
        return switch (error.reason()) {
            case BAD_VALUE -> message(error).split(" ", 2)[0];
            case EMPTY_MASK, NO_MASK, FRAME_COUNT, PROMPT_TOO_LONG -> "messages";
        };
    }

    private static String code(RequestException error) {
        return switch (error.reason()) {
            case EMPTY_MASK -> "empty_mask";
            case NO_MASK -> "missing_mask";
            case FRAME_COUNT -> "wrong_picture_count";
            case PROMPT_TOO_LONG -> "context_length_exceeded";
            case BAD_VALUE -> "invalid_value";
        };
    }

    private static String message(RuntimeException error) {
        return String.valueOf(error.getMessage());
    }

    /** Jackson's words, without those about itself and without those of the client that may be long. */
    private static String words(JacksonException error) {
        String said = error.getOriginalMessage().lines().findFirst().orElse("");
        if (said.startsWith("Duplicate ")) {
            return "a name stands twice in one object";
        }
        if (said.startsWith("Trailing token")) {
            return "something follows after its end";
        }
        if (said.startsWith("Unexpected end-of-input")) {
            return "it ends too early";
        }
        String own = said.split(" \\(bound as|: enable `")[0];
        if (own.contains("Source:") || own.contains("Feature")) {
            own = "it is malformed";
        }
        return own.length() > LONGEST_WORDS ? own.substring(0, LONGEST_WORDS) + "…" : own;
    }
}
