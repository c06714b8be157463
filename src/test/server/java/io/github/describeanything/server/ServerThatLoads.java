package io.github.describeanything.server;

import java.io.IOException;
import java.io.UncheckedIOException;

/** What answers while a model is loaded, for as long as a test likes. */
public final class ServerThatLoads implements AutoCloseable {
    private final LoadingServer server;

    public ServerThatLoads() {
        try {
            server = LoadingServer.start(ServerConfig.local());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String url() {
        return "http://127.0.0.1:" + server.port();
    }

    @Override
    public void close() {
        server.close();
    }
}
