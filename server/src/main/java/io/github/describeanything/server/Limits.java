package io.github.describeanything.server;

import java.time.Duration;

/**
 * What one request and one client may take. Immutable.
 *
 * @param bodyBytes bytes of a request body, after inflating
 * @param answers answers that one request may ask for: n times regions
 * @param regions regions that one request may name; on a video, one for each frame
 * @param idle how long a connection may be silent
 * @param keepAlive after how much silence a waiting stream gets a comment; the second to a client that left fails, so
 *     half of the time in which its place is to be free again
 */
public record Limits(long bodyBytes, int answers, int regions, Duration idle, Duration keepAlive) {
    public static final Limits DEFAULT = new Limits(64L << 20, 64, 64, Duration.ofSeconds(30), Duration.ofMillis(400));

    private static final Duration LONGEST_HEAD = Duration.ofSeconds(10);

    public Limits {
        if (bodyBytes < 1 || answers < 1 || regions < 1 || idle.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IllegalArgumentException(
                    "--max-body, --max-answers, --max-regions and --idle-timeout must be at least 1");
        }
    }

    /** How long the head of a request may take from its first byte to its last. */
    Duration head() {
        return idle.compareTo(LONGEST_HEAD) < 0 ? idle : LONGEST_HEAD;
    }
}
