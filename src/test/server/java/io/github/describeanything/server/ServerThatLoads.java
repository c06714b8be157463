package io.github.describeanything.server;

/** A server whose model is not loaded, for as long as a test likes. */
public final class ServerThatLoads implements AutoCloseable {
    private final HttpServer server = HttpServer.start(ServerConfig.local());

    public String url() {
        return "http://127.0.0.1:" + server.port();
    }

    @Override
    public void close() {
        server.close();
    }
}
