package io.github.describeanything.model.engine;

/**
 * How many positions of a prompt are computed between two decode runs. Of the engine's thread alone.
 *
 * <p>Alone, a prompt is computed in as few runs as the decoder allows. While others write, a run may take about twice
 * the time of a decode run, so that the gap between their tokens stays below four times the usual; both times are
 * measured as the engine runs, since machines and weights differ a hundredfold.
 */
final class ChunkPolicy {
    private static final int SMALLEST = 8;
    private static final double DECODE_RUNS = 2;
    private static final double WEIGHT_OF_LATEST = 0.2;

    private final int largest;
    private double decodeNanos;
    private double nanosPerPosition;

    ChunkPolicy(int largest) {
        this.largest = largest;
    }

    void decoded(long nanos) {
        decodeNanos = blend(decodeNanos, nanos);
    }

    void prefilled(int positions, long nanos) {
        if (positions >= SMALLEST) {
            nanosPerPosition = blend(nanosPerPosition, (double) nanos / positions);
        }
    }

    /** Most positions of the next run: a power of two while others write. */
    int next(boolean othersWrite) {
        if (!othersWrite) {
            return largest;
        }
        if (decodeNanos == 0 || nanosPerPosition == 0) {
            return Math.min(largest, 4 * SMALLEST);
        }
        long fit = (long) (DECODE_RUNS * decodeNanos / nanosPerPosition);
        return (int) Math.clamp(Long.highestOneBit(Math.max(1, fit)), Math.min(SMALLEST, largest), largest);
    }

    private static double blend(double before, double latest) {
        return before == 0 ? latest : before + WEIGHT_OF_LATEST * (latest - before);
    }
}
