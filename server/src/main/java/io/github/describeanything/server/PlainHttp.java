package io.github.describeanything.server;

import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Lets requests for a WebSocket pass as the plain requests that they also are, as whoever does not speak a protocol may.
 * Javalin knows them by this header, takes them up before any handler, and keeps a session for each. Thread-safe.
 */
final class PlainHttp extends Handler.Wrapper {
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
