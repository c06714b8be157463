package io.github.describeanything.server.operations;

import io.javalin.http.Context;
import java.util.Optional;

/** Lets pages of other origins ask, as browsers want to be told. Thread-safe. */
public final class Cors {
    private final String origin;

    /** @param origin the origin that may ask; {@code *} for all, empty for none */
    public Cors(String origin) {
        this.origin = origin;
    }

    void apply(Context ctx) {
        if (origin.isEmpty()) {
            return;
        }
        ctx.header("Access-Control-Allow-Origin", origin);
        ctx.header("Access-Control-Expose-Headers", "X-Request-Id, Retry-After");
    }

    /** Answers what browsers ask before they ask. */
    public void preflight(Context ctx) {
        apply(ctx);
        ctx.header("Access-Control-Allow-Methods", "GET, POST, OPTIONS");
        String wanted = Optional.ofNullable(ctx.header("Access-Control-Request-Headers"))
                .filter(it -> it.matches("[A-Za-z0-9, _-]{1,1000}"))
                .orElse("Authorization, Content-Type");
        ctx.header("Access-Control-Allow-Headers", wanted);
        ctx.header("Access-Control-Max-Age", "600");
        ctx.status(204);
    }
}
