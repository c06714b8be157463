package io.github.describeanything.server;

import java.time.Duration;

/**
 * Limits of one request and one connection. Immutable.
 *
 * @param bodyBytes maximum bytes of a request body, after decompression
 * @param answers maximum answers of one request: n times regions
 * @param regions maximum entries of {@code regions}; on a video, each frame has its own
 * @param frames maximum frames of a video that is tracked
 * @param idle how long a connection may be idle
 * @param keepAlive interval of comments on a stream without events. The second comment to a disconnected client fails,
 *     so its permit is released within twice this time
 */
public record Limits(long bodyBytes, int answers, int regions, int frames, Duration idle, Duration keepAlive) {
    public static final Limits DEFAULT =
            new Limits(64L << 20, 64, 64, 64, Duration.ofSeconds(30), Duration.ofMillis(400));

    private static final Duration MAX_HEAD_TIME = Duration.ofSeconds(10);

    public Limits {
        if (bodyBytes < 1 || answers < 1 || regions < 1 || frames < 1 || idle.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IllegalArgumentException(
                    "--max-body, --max-answers, --max-regions, --max-frames and --idle-timeout must be at least 1");
        }
    }

    /** How long the request head may take, from its first byte to its last. */
    Duration head() {
        return idle.compareTo(MAX_HEAD_TIME) < 0 ? idle : MAX_HEAD_TIME;
    }
}
