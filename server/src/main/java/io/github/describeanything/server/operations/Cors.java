package io.github.describeanything.server.operations;

import io.javalin.http.Context;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Lets pages of other origins ask, as browsers want to be told. Thread-safe. */
public final class Cors {
    /** What a preflight request names the headers by that it wants to send. */
    public static final String WANTED = "Access-Control-Request-Headers";

    private final String origin;

    /** @param origin the origin that may ask; {@code *} for all, empty for none */
    public Cors(String origin) {
        this.origin = origin;
    }

    void apply(Context ctx) {
        headers().forEach(ctx::header);
    }

    /** Answers what browsers ask before they ask. */
    public void preflight(Context ctx) {
        preflightHeaders(Optional.ofNullable(ctx.header(WANTED))).forEach(ctx::header);
        ctx.status(204);
    }

    /** Headers of every answer; none if nobody may ask. */
    public Map<String, String> headers() {
        return origin.isEmpty()
                ? Map.of()
                : Map.of(
                        "Access-Control-Allow-Origin",
                        origin,
                        "Access-Control-Expose-Headers",
                        "X-Request-Id, Retry-After");
    }

    /** Headers of the answer to a preflight request. @param wanted its {@link #WANTED} */
    public Map<String, String> preflightHeaders(Optional<String> wanted) {
        var headers = new LinkedHashMap<>(headers());
        headers.put("Access-Control-Allow-Methods", "GET, POST, OPTIONS");
        headers.put(
                "Access-Control-Allow-Headers",
                wanted.filter(it -> it.matches("[A-Za-z0-9, _-]{1,1000}")).orElse("Authorization, Content-Type"));
        headers.put("Access-Control-Max-Age", "600");
        return headers;
    }
}
