package io.github.describeanything.server.video;

import java.time.Duration;

/**
 * How videos are decoded. Immutable.
 *
 * @param ffmpeg path of the program; {@code auto} for the one in the jar, else the one on the PATH; {@code none} refuses
 *     videos
 * @param fps maximum sampled frames per second
 * @param frames maximum sampled frames
 * @param bytes maximum size of a file
 * @param patience maximum time to decode a file
 */
public record VideoOptions(String ffmpeg, double fps, int frames, long bytes, Duration patience) {
    public static final String AUTO = "auto";
    public static final String NONE = "none";
    public static final VideoOptions DEFAULT = new VideoOptions(AUTO, 4, 64, 64L << 20, Duration.ofSeconds(30));

    /** Frames become one argument of the program, of about 50 characters each. */
    private static final int MOST_FRAMES = 1000;

    public VideoOptions {
        if (!(fps > 0 && fps <= 1000) || frames < 1 || frames > MOST_FRAMES) {
            throw new IllegalArgumentException(
                    "--video-fps must be above 0 and at most 1000, and --max-frames between 1 and " + MOST_FRAMES);
        }
        if (bytes < 1 || patience.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IllegalArgumentException("--max-video and --video-timeout must be at least 1");
        }
    }
}
