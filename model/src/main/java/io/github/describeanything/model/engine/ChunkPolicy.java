package io.github.describeanything.model.engine;

import io.github.describeanything.model.lane.Costs;

/**
 * Decides how many tokens of a prompt are computed between two decode runs. Used by the engine's thread only.
 *
 * <p>If nothing decodes, a prompt takes as few runs as the decoder allows. While other sequences decode, a prefill run
 * may take about as long as two decode runs, so the gap between their tokens stays below four times the normal one.
 */
final class ChunkPolicy {
    private static final int SMALLEST = 8;
    private static final double DECODE_RUNS = 2;

    private final int largest;
    private final Costs costs;

    /** @param largest maximum tokens of a run */
    ChunkPolicy(int largest, Costs costs) {
        this.largest = largest;
        this.costs = costs;
    }

    /** Maximum tokens of the next run: a power of two while others decode. */
    int next(boolean othersDecode) {
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
}
