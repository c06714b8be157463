package io.github.describeanything.server;

import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.server.operations.ApiKeys;
import io.github.describeanything.server.operations.Cors;
import io.github.describeanything.server.pictures.RemotePictures;
import io.github.describeanything.server.service.MissingMask;
import io.github.describeanything.server.service.VideoStreams;
import io.github.describeanything.server.video.VideoOptions;
import java.time.Duration;
import java.util.List;

/**
 * Configuration of the HTTP server. Immutable.
 *
 * @param port 0 chooses a free port
 * @param missingMask what happens to pictures without a mask when the request names no region
 * @param listDeltasOnBarePath whether {@code /chat/completions} streams lists of parts, as the published server's
 *     clients expect
 * @param grace how long running answers may take at shutdown
 */
public record ServerConfig(
        String host,
        int port,
        Limits limits,
        VideoStreams.Limits streams,
        PictureLimits pictures,
        RemotePictures remote,
        VideoOptions videos,
        ApiKeys keys,
        Cors cors,
        boolean jsonLogs,
        MissingMask missingMask,
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

    /** Loopback, a free port, no keys. */
    public static ServerConfig local() {
        return builder().build();
    }

    /** Starts from {@link #local}. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects values. Used by one thread. */
    public static final class Builder {
        private String host = "127.0.0.1";
        private int port;
        private Limits limits = Limits.DEFAULT;
        private VideoStreams.Limits streams = VideoStreams.Limits.DEFAULT;
        private PictureLimits pictures = PictureLimits.DEFAULT;
        private RemotePictures remote = RemotePictures.none();
        private VideoOptions videos = VideoOptions.DEFAULT;
        private ApiKeys keys = new ApiKeys(List.of());
        private Cors cors = new Cors("*");
        private boolean jsonLogs;
        private MissingMask missingMask = MissingMask.REFUSE;
        private boolean listDeltasOnBarePath;
        private Duration grace = Duration.ofSeconds(30);

        private Builder() {}

        public Builder host(String value) {
            host = value;
            return this;
        }

        public Builder port(int value) {
            port = value;
            return this;
        }

        public Builder limits(Limits value) {
            limits = value;
            return this;
        }

        public Builder streams(VideoStreams.Limits value) {
            streams = value;
            return this;
        }

        public Builder pictures(PictureLimits value) {
            pictures = value;
            return this;
        }

        public Builder remote(RemotePictures value) {
            remote = value;
            return this;
        }

        public Builder videos(VideoOptions value) {
            videos = value;
            return this;
        }

        public Builder keys(ApiKeys value) {
            keys = value;
            return this;
        }

        public Builder cors(Cors value) {
            cors = value;
            return this;
        }

        public Builder jsonLogs(boolean value) {
            jsonLogs = value;
            return this;
        }

        public Builder missingMask(MissingMask value) {
            missingMask = value;
            return this;
        }

        public Builder listDeltasOnBarePath(boolean value) {
            listDeltasOnBarePath = value;
            return this;
        }

        public Builder grace(Duration value) {
            grace = value;
            return this;
        }

        public ServerConfig build() {
            return new ServerConfig(
                    host,
                    port,
                    limits,
                    streams,
                    pictures,
                    remote,
                    videos,
                    keys,
                    cors,
                    jsonLogs,
                    missingMask,
                    listDeltasOnBarePath,
                    grace);
        }
    }
}
