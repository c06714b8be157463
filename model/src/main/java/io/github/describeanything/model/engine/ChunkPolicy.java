package io.github.describeanything.model.engine;

import io.github.describeanything.model.lane.Costs;
import java.time.Duration;

/**
 * Decides how many tokens of a prompt are computed in one run. Used by the engine's thread only.
 *
 * <p>Every run reads all weights, so large chunks are cheap. If nothing decodes, a prompt takes as few runs as the decoder
 * allows. While other sequences decode, a prefill run may take about as long as two decode runs, so the gap between their
 * tokens stays below four times the normal one. Under throughput it may take what is left of the maximum gap.
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

    /** Maximum tokens of a run that ends within {@code left}: a power of two, or 0. */
    int within(Duration left) {
        double token = costs.nanosPerUnit(Costs.Kind.PREFILL);
        return token == 0 ? largest : powerOfTwo(left.toNanos() / token);
    }

    /** Minimum size of a chunk that is not the end of its prompt. */
    int smallest() {
        return Math.min(SMALLEST, largest);
    }

    private int powerOfTwo(double tokens) {
        return (int) Math.min(largest, Long.highestOneBit(Math.max(0, (long) tokens)));
    }
}
