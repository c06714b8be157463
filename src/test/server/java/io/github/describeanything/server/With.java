package io.github.describeanything.server;

import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.server.operations.ApiKeys;
import io.github.describeanything.server.pictures.RemotePictures;
import io.github.describeanything.server.service.MissingMask;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLSocketFactory;

/** Changes to the default server configuration. Stateless. */
public final class With {
    private With() {}

    public static UnaryOperator<ServerConfig.Builder> limits(Limits limits) {
        return it -> it.limits(limits);
    }

    public static UnaryOperator<ServerConfig.Builder> pictures(PictureLimits pictures) {
        return it -> it.pictures(pictures);
    }

    public static UnaryOperator<ServerConfig.Builder> remote(RemotePictures remote) {
        return it -> it.remote(remote);
    }

    public static UnaryOperator<ServerConfig.Builder> keys(String... keys) {
        return it -> it.keys(new ApiKeys(List.of(keys)));
    }

    public static UnaryOperator<ServerConfig.Builder> listDeltasOnBarePath() {
        return it -> it.listDeltasOnBarePath(true);
    }

    /** Runs during a DNS lookup. */
    @FunctionalInterface
    public interface Lookup {
        void run() throws InterruptedException;
    }

    /** Allows pictures.example; its DNS lookup runs {@code lookup} and then fails. */
    public static UnaryOperator<ServerConfig.Builder> picturesThatAreNotFound(Lookup lookup) {
        return remote(new RemotePictures(
                List.of("pictures.example"),
                host -> {
                    try {
                        lookup.run();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    throw new UnknownHostException(host);
                },
                address -> false,
                (SSLSocketFactory) SSLSocketFactory.getDefault(),
                Duration.ofMinutes(10),
                1 << 20));
    }

    public static UnaryOperator<ServerConfig.Builder> missingMask(MissingMask missingMask) {
        return it -> it.missingMask(missingMask);
    }
}
