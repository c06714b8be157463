package io.github.describeanything.server;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.http.ErrorResponder;
import io.github.describeanything.server.http.Json;
import io.github.describeanything.server.openai.ModelList;
import io.github.describeanything.server.openai.OpenApi;
import io.github.describeanything.server.openai.streams.SegmentHandler;
import io.github.describeanything.server.operations.Cors;
import io.github.describeanything.server.operations.Metrics;
import io.github.describeanything.server.operations.Readiness;
import io.github.describeanything.server.operations.RequestFilter;
import io.github.describeanything.server.page.Page;
import io.github.describeanything.server.service.ModelNames;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HttpResponseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The routes. Thread-safe. Paths that need the model return 503 until {@link #serve}. */
final class Routes {
    private static final String STREAMS = "/v1/video/streams";
    private static final Set<String> INFERENCE_PATHS =
            Set.of("/v1/chat/completions", "/chat/completions", "/v1/responses");

    private static final List<String> PATHS_WITH_PREFLIGHT = List.of(
            "/v1/chat/completions",
            "/chat/completions",
            "/v1/responses",
            "/v1/segmentations",
            STREAMS,
            STREAMS + "/{id}",
            "/v1/models",
            "/v1/models/{id}",
            "/models",
            "/ready");

    private final RequestFilter filter;
    private final Readiness readiness;
    private final Metrics metrics;
    private final Cors cors;
    private final Page page;
    private volatile Optional<Endpoints> endpoints = Optional.empty();

    Routes(RequestFilter filter, Readiness readiness, Metrics metrics, Cors cors, Page page) {
        this.filter = filter;
        this.readiness = readiness;
        this.metrics = metrics;
        this.cors = cors;
        this.page = page;
    }

    /** Endpoints that need a loaded model. Immutable. */
    record Endpoints(
            ModelNames names,
            ModelList models,
            OpenApi openApi,
            Handler chat,
            Handler bareChat,
            Handler responses,
            Handler segmentations,
            SegmentHandler streams) {}

    /** Whether a path is one of inference requests. @param path without a trailing slash */
    static boolean inference(String path) {
        return INFERENCE_PATHS.contains(path) || path.equals(STREAMS) || path.startsWith(STREAMS + "/");
    }

    /** The model is loaded. */
    void serve(Endpoints loaded) {
        endpoints = Optional.of(loaded);
    }

    /** The request passed the filter, so the model is loaded. */
    private Endpoints endpoints() {
        return endpoints.orElseThrow();
    }

    void register(RoutesConfig routes) {
        routes.before(filter::before);
        routes.post("/v1/chat/completions", ctx -> endpoints().chat().handle(ctx));
        routes.post("/chat/completions", ctx -> endpoints().bareChat().handle(ctx));
        routes.post("/v1/responses", ctx -> endpoints().responses().handle(ctx));
        get(routes, "/v1/responses/{id}", Routes::storedResponse);
        routes.delete("/v1/responses/{id}", Routes::storedResponse);
        get(routes, "/v1/responses/{id}/input_items", Routes::storedResponse);
        routes.post("/v1/responses/{id}/cancel", Routes::storedResponse);
        routes.post("/v1/segmentations", ctx -> endpoints().segmentations().handle(ctx));
        routes.post(STREAMS, ctx -> endpoints().streams().open(ctx));
        routes.post(STREAMS + "/{id}", ctx -> endpoints().streams().next(ctx));
        routes.delete(STREAMS + "/{id}", ctx -> endpoints().streams().delete(ctx));
        get(routes, "/v1/models", ctx -> json(ctx, endpoints().models()));
        get(routes, "/models", ctx -> json(ctx, endpoints().models()));
        get(routes, "/v1/models/{id}", this::model);
        for (String path : PATHS_WITH_PREFLIGHT) {
            routes.options(path, cors::preflight);
        }
        get(routes, "/health", ctx -> json(ctx, Map.of("status", "ok")));
        get(routes, "/ready", ctx -> {
            readiness.requireReady();
            json(ctx, Map.of("status", "ready"));
        });
        get(
                routes,
                "/metrics",
                ctx -> ctx.contentType("text/plain; version=0.0.4; charset=utf-8")
                        .result(metrics.scrape()));
        get(routes, "/openapi.json", ctx -> json(ctx, endpoints().openApi().document()));
        get(routes, "/", page::index);
        get(routes, "/page/{file}", page::file);
        routes.after(filter::after);
        routes.exception(HttpResponseException.class, ErrorResponder::respond);
        routes.exception(Exception.class, ErrorResponder::respond);
    }

    /** Registers HEAD along with GET: by default Javalin answers HEAD with 200 on every GET path. */
    private static void get(RoutesConfig routes, String path, Handler handler) {
        routes.get(path, handler);
        routes.head(path, handler);
    }

    private void model(Context ctx) {
        String id = ctx.pathParam("id");
        endpoints().names().model(id);
        json(
                ctx,
                endpoints().models().data().stream()
                        .filter(it -> it.id().equals(id))
                        .findFirst()
                        .orElseThrow());
    }

    private static void storedResponse(Context ctx) {
        throw ApiException.of(
                404, "response_not_found", "No such response: none are stored; keep the answer to POST /v1/responses");
    }

    private static void json(Context ctx, Object body) {
        ctx.contentType("application/json").result(Json.MAPPER.writeValueAsBytes(body));
    }
}
