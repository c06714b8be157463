package io.github.describeanything.model.vision;

import java.time.Duration;

/**
 * How many pictures that wait go into one run of the vision graph. Used by one thread.
 *
 * <p>On a CPU a picture of a large model is arithmetic through and through: a run of four takes four times as long as a
 * run of one, and the first would only wait for the last. Joining pays where a run is so short that what surrounds it
 * counts, and on a device that one picture does not fill.
 */
final class BatchPolicy {
    private static final Duration SHORT = Duration.ofMillis(50);

    private final int most;
    private final boolean always;
    private long nanosPerPicture = Long.MAX_VALUE;

    /**
     * @param most pictures that one run may take
     * @param always whether joining always pays here
     */
    BatchPolicy(int most, boolean always) {
        this.most = most;
        this.always = always;
    }

    /** Whether a request with so many pictures may join a run that has some already. */
    boolean joins(int pictures, int more) {
        return pictures + more <= most && (always || nanosPerPicture < SHORT.toNanos());
    }

    void ran(int pictures, Duration took) {
        nanosPerPicture = took.toNanos() / pictures;
    }
}
