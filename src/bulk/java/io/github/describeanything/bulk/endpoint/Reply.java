package io.github.describeanything.bulk.endpoint;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * What came back. Immutable.
 *
 * @param status as over HTTP
 * @param requestId for the server's log; empty if there is none
 * @param retryAfter how long the server wants to be left alone
 * @param tokens of each choice, where the endpoint says more than the sum in {@code usage}; else empty
 */
public record Reply(int status, JsonNode body, String requestId, Optional<Duration> retryAfter, List<Integer> tokens) {
    public Reply {
        tokens = List.copyOf(tokens);
    }

    public boolean answered() {
        return status / 100 == 2;
    }

    /** A part of the error, such as {@code message}; empty if there is none. */
    public String error(String field) {
        return body.path("error").path(field).asString("");
    }

    /** What people read of a refusal. */
    public String problem() {
        String message = error("message");
        return message.isEmpty() ? "The server answered " + status : message;
    }

    /** What programs read of a refusal. */
    public String code() {
        String code = error("code");
        return code.isEmpty() ? "http_" + status : code;
    }
}
