package io.github.describeanything.server;

import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.server.operations.ApiKeys;
import io.github.describeanything.server.operations.Cors;
import io.github.describeanything.server.remote.RemotePictures;
import java.time.Duration;
import java.util.List;

/**
 * How the server listens. Immutable.
 *
 * @param port 0 takes any free one
 * @param grace how long running answers may take when it stops
 */
public record ServerConfig(
        String host,
        int port,
        Limits limits,
        PictureLimits pictures,
        RemotePictures remote,
        MissingMask missingMask,
        ApiKeys keys,
        Cors cors,
        boolean jsonLogs,
        boolean listDeltasOnBarePath,
        Duration grace) {

    public ServerConfig {
        if (port < 0 || port > 0xFFFF) {
            throw new IllegalArgumentException("--port must be between 0 and 65535");
        }
        if (grace.isNegative()) {
            throw new IllegalArgumentException("--grace must be at least 0");
        }
    }

    /** The same on another port. */
    ServerConfig on(int other) {
        return new ServerConfig(
                host, other, limits, pictures, remote, missingMask, keys, cors, jsonLogs, listDeltasOnBarePath, grace);
    }

    /** Loopback, any free port, no keys. */
    public static ServerConfig local() {
        return new ServerConfig(
                "127.0.0.1",
                0,
                Limits.DEFAULT,
                PictureLimits.DEFAULT,
                RemotePictures.none(),
                MissingMask.REFUSE,
                new ApiKeys(List.of()),
                new Cors("*"),
                false,
                false,
                Duration.ofSeconds(30));
    }
}
