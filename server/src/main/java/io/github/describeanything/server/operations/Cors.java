package io.github.describeanything.server.operations;

import io.javalin.http.Context;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Adds CORS headers. Thread-safe.
 *
 * <p>Javalin's plugin rejects requests of other origins with status 400 only after running the model for them, and
 * needs an {@code Origin} header; these headers are constant.
 */
public final class Cors {
    /** The header of a preflight request that lists the headers to be sent. */
    public static final String WANTED = "Access-Control-Request-Headers";

    private final String origin;

    /** @param origin the allowed origin; {@code *} for all, empty for none */
    public Cors(String origin) {
        this.origin = origin;
    }

    void apply(Context ctx) {
        headers().forEach(ctx::header);
    }

    /** Answers a preflight request. */
    public void preflight(Context ctx) {
        preflightHeaders(Optional.ofNullable(ctx.header(WANTED))).forEach(ctx::header);
        ctx.status(204);
    }

    /** Headers of every response; empty if no origin is allowed. */
    public Map<String, String> headers() {
        return origin.isEmpty()
                ? Map.of()
                : Map.of(
                        "Access-Control-Allow-Origin",
                        origin,
                        "Access-Control-Expose-Headers",
                        "X-Request-Id, Retry-After");
    }

    /** Headers of a response to a preflight request. @param wanted the request's {@link #WANTED} */
    public Map<String, String> preflightHeaders(Optional<String> wanted) {
        var headers = new LinkedHashMap<>(headers());
        headers.put("Access-Control-Allow-Methods", "GET, POST, DELETE, OPTIONS");
        headers.put(
                "Access-Control-Allow-Headers",
                wanted.filter(it -> it.matches("[A-Za-z0-9, _-]{1,1000}")).orElse("Authorization, Content-Type"));
        headers.put("Access-Control-Max-Age", "600");
        return headers;
    }
}
