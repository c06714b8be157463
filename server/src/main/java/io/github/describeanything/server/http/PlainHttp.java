package io.github.describeanything.server.http;

import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Treats WebSocket upgrade requests as plain HTTP requests, as a server without WebSockets may do. Thread-safe. Javalin
 * detects them by this header, handles them before our handlers, and keeps a session for each.
 */
public final class PlainHttp extends Handler.Wrapper {
    private static final String VERSION = "Sec-WebSocket-Version";

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        return super.handle(request.getHeaders().contains(VERSION) ? plain(request) : request, response, callback);
    }

    private static Request plain(Request request) {
        HttpFields rest = HttpFields.build(request.getHeaders()).remove(VERSION).asImmutable();
        return new Request.Wrapper(request) {
            @Override
            public HttpFields getHeaders() {
                return rest;
            }
        };
    }
}
