package io.github.describeanything.server;

/** A server that stays in the loading state. */
public final class LoadingServer implements AutoCloseable {
    private final HttpServer server = HttpServer.start(ServerConfig.local());

    public String url() {
        return "http://127.0.0.1:" + server.port();
    }

    @Override
    public void close() {
        server.close();
    }
}
