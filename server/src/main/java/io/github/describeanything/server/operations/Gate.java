package io.github.describeanything.server.operations;

import io.github.describeanything.server.RequestId;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.util.Optional;
import java.util.Set;

/** What every request passes on its way in and out: id, headers, key, log. Thread-safe. */
public final class Gate {
    private static final Set<String> OPEN = Set.of("/health", "/ready", "/");
    private static final Set<String> QUESTIONS = Set.of("/v1/chat/completions", "/chat/completions");

    private final Metrics metrics;
    private final ApiKeys keys;
    private final Cors cors;
    private final RequestLog log;

    public Gate(Metrics metrics, ApiKeys keys, Cors cors, RequestLog log) {
        this.metrics = metrics;
        this.keys = keys;
        this.cors = cors;
        this.log = log;
    }

    /** On the way in. */
    public void enter(Context ctx) {
        String id = RequestId.of(Optional.ofNullable(ctx.header(RequestId.HEADER)));
        Exchange.begin(ctx, id, metrics);
        ctx.header(RequestId.HEADER, id);
        ctx.header("X-Content-Type-Options", "nosniff");
        cors.apply(ctx);
        if (ctx.method() != HandlerType.OPTIONS
                && !OPEN.contains(withoutSlash(ctx.path()))
                && !ctx.path().startsWith("/page/")) {
            keys.require(ctx);
        }
    }

    /** Paths lead to the same place with a slash at their end. */
    private static String withoutSlash(String path) {
        return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    /** On the way out. */
    public void leave(Context ctx) {
        Exchange exchange = Exchange.of(ctx);
        boolean question = QUESTIONS.contains(withoutSlash(ctx.path()));
        log.write(ctx, exchange, exchange.end(ctx.statusCode(), question));
    }
}
