package io.github.describeanything.model.engine;

import io.github.describeanything.model.lane.Costs;
import java.time.Duration;

/**
 * How many tokens of a prompt are computed in one run. Used by the engine's thread alone.
 *
 * <p>The larger, the better: every run reads all weights. While nothing else decodes, a prompt takes as few runs as the
 * decoder allows. While other sequences decode, a run may take about twice the time of a decode run, so that the gap between
 * their tokens stays below four times the usual; or, for throughput, what is left until they have to have a token.
 */
final class ChunkPolicy {
    private static final int SMALLEST = 8;
    private static final double DECODE_RUNS = 2;

    private final int largest;
    private final Costs costs;

    /** @param largest most tokens of a run */
    ChunkPolicy(int largest, Costs costs) {
        this.largest = largest;
        this.costs = costs;
    }

    /** Most tokens of a run between two decode runs: a power of two while others decode. */
    int beside(boolean othersDecode) {
        if (!othersDecode) {
            return largest;
        }
        double decodeRun = costs.nanosPerUnit(Costs.Kind.DECODE);
        double token = costs.nanosPerUnit(Costs.Kind.PREFILL);
        if (decodeRun == 0 || token == 0) {
            return Math.min(largest, 4 * SMALLEST);
        }
        long fit = (long) (DECODE_RUNS * decodeRun / token);
        return (int) Math.clamp(Long.highestOneBit(Math.max(1, fit)), Math.min(SMALLEST, largest), largest);
    }

    /** Most tokens of a run that ends in this time: a power of two, or 0. */
    int within(Duration left) {
        double token = costs.nanosPerUnit(Costs.Kind.PREFILL);
        return token == 0 ? largest : powerOfTwo(left.toNanos() / token);
    }

    /** Fewest tokens that a run may be cut to. */
    int smallest() {
        return Math.min(SMALLEST, largest);
    }

    private int powerOfTwo(double tokens) {
        return (int) Math.min(largest, Long.highestOneBit(Math.max(0, (long) tokens)));
    }
}
