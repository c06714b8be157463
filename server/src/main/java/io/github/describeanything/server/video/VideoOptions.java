package io.github.describeanything.server.video;

import java.time.Duration;

/**
 * How videos are decoded. Immutable.
 *
 * @param ffmpeg path of the program; {@code auto} for the one in the jar, else the one on the PATH; {@code none} refuses
 *     videos
 * @param fps maximum sampled frames per second
 * @param bytes maximum size of a file
 * @param patience maximum time to decode a file
 */
public record VideoOptions(String ffmpeg, double fps, long bytes, Duration patience) {
    public static final String AUTO = "auto";
    public static final String NONE = "none";
    public static final VideoOptions DEFAULT = new VideoOptions(AUTO, 4, 64L << 20, Duration.ofSeconds(30));

    public VideoOptions {
        if (!(fps > 0 && fps <= 1000)) {
            throw new IllegalArgumentException("--video-fps must be above 0 and at most 1000");
        }
        if (bytes < 1 || patience.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IllegalArgumentException("--max-video and --video-timeout must be at least 1");
        }
    }
}
