package io.github.describeanything.server;

import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.server.operations.ApiKeys;
import io.github.describeanything.server.remote.RemotePictures;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLSocketFactory;

/** A server's configuration with one thing changed. Stateless. */
public final class With {
    private With() {}

    public static UnaryOperator<ServerConfig> limits(Limits limits) {
        return it -> new ServerConfig(
                it.host(),
                it.port(),
                limits,
                it.pictures(),
                it.remote(),
                it.missingMask(),
                it.keys(),
                it.cors(),
                it.jsonLogs(),
                it.listDeltasOnBarePath(),
                it.grace());
    }

    public static UnaryOperator<ServerConfig> pictures(PictureLimits pictures) {
        return it -> new ServerConfig(
                it.host(),
                it.port(),
                it.limits(),
                pictures,
                it.remote(),
                it.missingMask(),
                it.keys(),
                it.cors(),
                it.jsonLogs(),
                it.listDeltasOnBarePath(),
                it.grace());
    }

    public static UnaryOperator<ServerConfig> remote(RemotePictures remote) {
        return it -> new ServerConfig(
                it.host(),
                it.port(),
                it.limits(),
                it.pictures(),
                remote,
                it.missingMask(),
                it.keys(),
                it.cors(),
                it.jsonLogs(),
                it.listDeltasOnBarePath(),
                it.grace());
    }

    /** What a test does while a name is looked up. */
    @FunctionalInterface
    public interface LookUp {
        void run() throws InterruptedException;
    }

    /** Pictures of pictures.example are asked for, which is looked for and never found. */
    public static UnaryOperator<ServerConfig> picturesThatAreNotFound(LookUp lookUp) {
        return remote(new RemotePictures(
                List.of("pictures.example"),
                host -> {
                    try {
                        lookUp.run();
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

    public static UnaryOperator<ServerConfig> keys(String... keys) {
        return it -> new ServerConfig(
                it.host(),
                it.port(),
                it.limits(),
                it.pictures(),
                it.remote(),
                it.missingMask(),
                new ApiKeys(List.of(keys)),
                it.cors(),
                it.jsonLogs(),
                it.listDeltasOnBarePath(),
                it.grace());
    }

    public static UnaryOperator<ServerConfig> listDeltasOnBarePath() {
        return it -> new ServerConfig(
                it.host(),
                it.port(),
                it.limits(),
                it.pictures(),
                it.remote(),
                it.missingMask(),
                it.keys(),
                it.cors(),
                it.jsonLogs(),
                true,
                it.grace());
    }

    public static UnaryOperator<ServerConfig> missingMask(MissingMask missingMask) {
        return it -> new ServerConfig(
                it.host(),
                it.port(),
                it.limits(),
                it.pictures(),
                it.remote(),
                missingMask,
                it.keys(),
                it.cors(),
                it.jsonLogs(),
                it.listDeltasOnBarePath(),
                it.grace());
    }
}
