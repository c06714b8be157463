package io.github.describeanything.server;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.errors.ErrorBody;
import io.github.describeanything.server.errors.ProtocolErrors;
import io.github.describeanything.server.operations.Cors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;

/**
 * Listens while the model is loaded: {@code /health} is 200, as the process works, all else is 503 with a word on when to
 * come again; pages of other origins may read both. Needs no key, since it has nothing to hide. Thread-safe.
 */
final class LoadingServer implements AutoCloseable {
    private static final Duration COME_AGAIN = Duration.ofSeconds(5);
    private static final ApiException LOADING =
            ApiException.notNow(503, "loading", COME_AGAIN, "The server is loading its model");

    private final Server server;
    private final ServerConnector connector;

    private LoadingServer(Server server, ServerConnector connector) {
        this.server = server;
        this.connector = connector;
    }

    /** Starts to listen. @throws IOException if it cannot */
    static LoadingServer start(ServerConfig config) throws IOException {
        HttpServer.requireFree(config);
        var server = new Server(HttpServer.threads());
        var slowHeads = new SlowHeads(config.limits().head());
        var connector = HttpServer.connector(server, new HttpConfiguration(), config, slowHeads);
        server.addConnector(connector);
        server.setErrorHandler(new ProtocolErrors());
        Handler.Wrapper heads = slowHeads.handler();
        heads.setHandler(new Answers(config.cors()));
        server.setHandler(heads);
        try {
            server.start();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("The port cannot be listened on: " + e.getMessage(), e);
        }
        return new LoadingServer(server, connector);
    }

    /** The port that it listens on. */
    int port() {
        return connector.getLocalPort();
    }

    /** Frees the port for the server itself. May be called again. */
    @Override
    public void close() {
        connector.getConnectedEndPoints().forEach(org.eclipse.jetty.io.EndPoint::close);
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("What answered while the model was loaded does not stop", e);
        }
    }

    private static final class Answers extends Handler.Abstract.NonBlocking {
        private final Cors cors;

        Answers(Cors cors) {
            this.cors = cors;
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            String offered = request.getHeaders().get(RequestId.HEADER);
            response.getHeaders().put(RequestId.HEADER, RequestId.of(Optional.ofNullable(offered)));
            if (request.getMethod().equals("OPTIONS")) {
                String wanted = request.getHeaders().get(Cors.WANTED);
                cors.preflightHeaders(Optional.ofNullable(wanted))
                        .forEach((name, value) -> response.getHeaders().put(name, value));
                response.setStatus(204);
                callback.succeeded();
                return true;
            }
            cors.headers().forEach((name, value) -> response.getHeaders().put(name, value));
            boolean alive = Request.getPathInContext(request).matches("/health/?");
            response.setStatus(alive ? 200 : LOADING.status());
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
            if (!alive) {
                response.getHeaders().put(HttpHeader.RETRY_AFTER, COME_AGAIN.toSeconds());
            }
            Object body = alive ? Map.of("status", "ok") : ErrorBody.of(LOADING);
            // What is still on its way is taken in, or a client that sends much would hear of nothing but a reset.
            response.write(
                    true,
                    ByteBuffer.wrap(Json.MAPPER.writeValueAsBytes(body)),
                    Callback.from(() -> Content.Source.consumeAll(request, callback), callback::failed));
            return true;
        }
    }
}
