package io.github.describeanything.server.operations;

import io.github.describeanything.server.http.RequestId;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Runs before and after every request: id, headers, readiness, API key, log. Thread-safe. */
public final class RequestFilter {
    private static final Set<String> WITHOUT_KEY = Set.of("/health", "/ready", "/");

    private final Metrics metrics;
    private final Readiness readiness;
    private final ApiKeys keys;
    private final Cors cors;
    private final RequestLog log;
    private final Predicate<String> inference;

    /** @param inference whether a path is one of inference requests, which are counted in the metrics */
    public RequestFilter(
            Metrics metrics,
            Readiness readiness,
            ApiKeys keys,
            Cors cors,
            RequestLog log,
            Predicate<String> inference) {
        this.metrics = metrics;
        this.readiness = readiness;
        this.keys = keys;
        this.cors = cors;
        this.log = log;
        this.inference = inference;
    }

    /**
     * Runs before the handler.
     *
     * @throws io.github.describeanything.server.errors.ApiException 503 while the model loads, for every path but
     *     {@code /health}; 401 without a valid key
     */
    public void before(Context ctx) {
        String id = RequestId.of(Optional.ofNullable(ctx.header(RequestId.HEADER)));
        RequestRecord.begin(ctx, id, metrics);
        ctx.header(RequestId.HEADER, id);
        ctx.header("X-Content-Type-Options", "nosniff");
        cors.apply(ctx);
        if (ctx.method() == HandlerType.OPTIONS) {
            return;
        }
        String path = withoutSlash(ctx.path());
        if (!path.equals("/health")) {
            readiness.requireLoaded();
        }
        if (!WITHOUT_KEY.contains(path) && !path.startsWith("/page/")) {
            keys.require(ctx);
        }
    }

    /** A trailing slash is ignored. */
    private static String withoutSlash(String path) {
        return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    /** Runs after the handler, even if it failed. */
    public void after(Context ctx) {
        RequestRecord record = RequestRecord.of(ctx);
        boolean counted = inference.test(withoutSlash(ctx.path()));
        log.write(ctx, record, record.end(ctx.statusCode(), counted));
    }
}
