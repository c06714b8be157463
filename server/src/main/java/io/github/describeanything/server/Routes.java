package io.github.describeanything.server;

import io.github.describeanything.server.chat.ChatCompletions;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.errors.ErrorResponder;
import io.github.describeanything.server.operations.Cors;
import io.github.describeanything.server.operations.Gate;
import io.github.describeanything.server.operations.Metrics;
import io.github.describeanything.server.operations.Readiness;
import io.github.describeanything.server.page.Page;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HttpResponseException;
import java.util.List;
import java.util.Map;

/** Which path leads where. Immutable. */
record Routes(
        ChatCompletions chat,
        ModelNames names,
        ModelList models,
        OpenApi openApi,
        Metrics metrics,
        Readiness readiness,
        Gate gate,
        Cors cors,
        Page page) {

    private static final List<String> ASKED_BY_PAGES =
            List.of("/v1/chat/completions", "/chat/completions", "/v1/models", "/v1/models/{id}", "/models", "/ready");

    void register(RoutesConfig routes) {
        routes.before(gate::enter);
        routes.post("/v1/chat/completions", chat);
        routes.post("/chat/completions", chat);
        get(routes, "/v1/models", ctx -> json(ctx, models));
        get(routes, "/models", ctx -> json(ctx, models));
        get(routes, "/v1/models/{id}", this::model);
        for (String path : ASKED_BY_PAGES) {
            routes.options(path, cors::preflight);
        }
        get(routes, "/health", ctx -> json(ctx, Map.of("status", "ok")));
        get(routes, "/ready", this::ready);
        get(
                routes,
                "/metrics",
                ctx -> ctx.contentType("text/plain; version=0.0.4; charset=utf-8")
                        .result(metrics.scrape()));
        get(routes, "/openapi.json", ctx -> json(ctx, openApi.document()));
        get(routes, "/", page::index);
        get(routes, "/page/{file}", page::file);
        routes.after(gate::leave);
        routes.exception(HttpResponseException.class, ErrorResponder::respond);
        routes.exception(Exception.class, ErrorResponder::respond);
    }

    /** HEAD says what GET would: left to Javalin it says 200 wherever there is a GET. */
    private static void get(RoutesConfig routes, String path, Handler handler) {
        routes.get(path, handler);
        routes.head(path, handler);
    }

    private void model(Context ctx) {
        String id = ctx.pathParam("id");
        names.require(id);
        json(
                ctx,
                models.data().stream()
                        .filter(it -> it.id().equals(id))
                        .findFirst()
                        .orElseThrow());
    }

    private void ready(Context ctx) {
        if (!readiness.ready()) {
            throw ApiException.notNow(
                    503, "shutting_down", java.time.Duration.ofSeconds(5), "The server is shutting down");
        }
        json(ctx, Map.of("status", "ready"));
    }

    private static void json(Context ctx, Object body) {
        ctx.contentType("application/json").result(Json.MAPPER.writeValueAsBytes(body));
    }
}
