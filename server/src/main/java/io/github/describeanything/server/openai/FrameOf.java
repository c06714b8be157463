package io.github.describeanything.server.openai;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.service.Sampled;

/** The frame of a video that a request names. Stateless. */
public final class FrameOf {
    /** How far a time may be beyond the last frame: players show it until the sound ends. */
    private static final double GRACE_SECONDS = 1;

    private FrameOf() {}

    /**
     * A frame by its number; -1 is the last.
     *
     * @param path of the object with the field {@code frame}
     */
    public static int index(int given, Sampled frames, String path) {
        if (given < -frames.count() || given >= frames.count()) {
            throw ApiException.badValue(
                    path + ".frame",
                    "%s.frame must be between 0 and %d, or -1 for the last frame".formatted(path, frames.count() - 1));
        }
        return Math.floorMod(given, frames.count());
    }

    /** The frame nearest to a time in seconds. @param path of the object with the field {@code time} */
    public static int time(double seconds, Sampled frames, String path) {
        String param = path + ".time";
        int nearest = frames.nearest(seconds)
                .orElseThrow(() ->
                        ApiException.badValue(param, param + " is only for a video file: send frame for pictures"));
        double end = frames.times().getLast();
        if (seconds > end + GRACE_SECONDS) {
            throw ApiException.badValue(
                    param, "%s must be at most %.2f, the time of the last frame".formatted(param, end));
        }
        return nearest;
    }
}
