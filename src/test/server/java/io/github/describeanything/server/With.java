package io.github.describeanything.server;

import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.server.operations.ApiKeys;
import io.github.describeanything.server.remote.RemotePictures;
import java.util.List;
import java.util.function.UnaryOperator;

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
                it.keys(),
                it.cors(),
                it.jsonLogs(),
                it.listDeltasOnBarePath(),
                it.grace());
    }

    public static UnaryOperator<ServerConfig> keys(String... keys) {
        return it -> new ServerConfig(
                it.host(),
                it.port(),
                it.limits(),
                it.pictures(),
                it.remote(),
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
                it.keys(),
                it.cors(),
                it.jsonLogs(),
                true,
                it.grace());
    }
}
