package io.github.describeanything.model.features;

import io.github.describeanything.model.lane.Costs;
import java.time.Duration;

/**
 * Decides how many waiting frames go into one run of the vision graph. Used by one thread.
 *
 * <p>On a CPU, four frames of a large model take four times as long as one, so batching only delays the first. It pays
 * off if runs are so short that their overhead counts, and on a device that one frame does not saturate.
 */
final class BatchPolicy {
    private static final Duration SHORT = Duration.ofMillis(50);

    private final int most;
    private final boolean always;
    private final Costs costs;

    /**
     * @param most maximum frames of one run
     * @param always whether to batch however long a run takes
     */
    BatchPolicy(int most, boolean always, Costs costs) {
        this.most = most;
        this.always = always;
        this.costs = costs;
    }

    /** Whether a request with {@code more} frames may join a run that already has {@code frames}. */
    boolean shouldBatch(int frames, int more) {
        double each = costs.nanosPerUnit(Costs.Kind.VISION);
        return frames + more <= most && (always || each > 0 && each < SHORT.toNanos());
    }
}
