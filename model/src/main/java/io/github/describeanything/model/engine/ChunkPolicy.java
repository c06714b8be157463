package io.github.describeanything.model.engine;

import java.time.Duration;
import java.util.Arrays;

/**
 * Decides how many tokens of a prompt are computed in one run, and how long running sequences rest between decode runs
 * while vision runs beside them. Used by the engine's thread only.
 *
 * <p>Every run reads all weights, so large chunks are cheap. If nothing decodes, a prompt takes as few runs as the decoder
 * allows. While other sequences decode, the gap between their tokens is to stay below four times a decode run alone, and
 * newcomers get what that leaves: a chunk or vision for twice a decode run. Under throughput a chunk may take what is left of
 * the maximum gap.
 *
 * <p>A run costs what one decode run of few rows costs, for reading the weights, and a part for each token.
 */
final class ChunkPolicy {
    private static final int SMALLEST = 8;
    /** Fewer shapes to plan memory for; larger steps would end in small chunks, whose tokens look expensive. */
    private static final int STEP = 2;

    private static final int FIRST_BESIDE = 32;
    private static final double NEWCOMERS = 2;
    private static final double WEIGHT_OF_LATEST = 0.2;

    private final int largest;

    /** Nanoseconds of a decode run without vision beside it, by rows; 0 if there was none. */
    private final double[] decodeRuns;

    /** Nanoseconds that each token adds to a prefill run; 0 before the first. */
    private double token;

    /** @param largest maximum tokens of a run @param slots maximum rows of a decode run */
    ChunkPolicy(int largest, int slots) {
        this.largest = largest;
        this.decodeRuns = new double[slots + 1];
    }

    /** Records a decode run that had the cores alone. */
    void decoded(int rows, long nanos) {
        decodeRuns[rows] = mean(decodeRuns[rows], nanos);
    }

    /** Records a prefill run. Short ones hardly show what a token costs. */
    void prefilled(int tokens, long nanos) {
        if (tokens >= SMALLEST) {
            token = mean(token, Math.max(1, nanos - weights()) / tokens);
        }
    }

    /** Maximum tokens of the next run under latency. @param rows sequences that decode */
    int beside(int rows) {
        if (rows == 0) {
            return largest;
        }
        double decodeRun = decodeRun(rows);
        if (decodeRun == 0 || token == 0) {
            return Math.min(largest, FIRST_BESIDE);
        }
        return Math.max(smallest(), fitting(NEWCOMERS * decodeRun));
    }

    /** Maximum tokens of a run that ends within {@code left}, or 0. */
    int within(Duration left) {
        return token == 0 ? largest : fitting(left.toNanos());
    }

    /** Minimum size of a chunk that is not the end of its prompt. */
    int smallest() {
        return Math.min(SMALLEST, largest);
    }

    /**
     * How many of the tokens that are left to compute now. What would be left for one more run is not fewer than
     * {@link #smallest}: short runs are dear, and round differently from long ones.
     */
    int cut(int most, int left) {
        boolean little = left - most < smallest() && left <= largest;
        return left <= most || little ? left : most;
    }

    /** Time from the start of a decode run to that of the next while vision runs beside both; zero if unknown. */
    Duration interval(int rows) {
        return Duration.ofNanos((long) ((1 + NEWCOMERS) * decodeRun(rows)));
    }

    /** A multiple of {@link #STEP} unless it is the largest. */
    private int fitting(double nanos) {
        double tokens = Math.clamp((nanos - weights()) / token, 0, largest);
        return tokens == largest ? largest : (int) tokens / STEP * STEP;
    }

    private double weights() {
        return decodeRun(1);
    }

    /** What a decode run costs: with so many rows, else with the next fewer or more that were measured; else 0. */
    private double decodeRun(int rows) {
        for (int fewer = rows; fewer > 0; fewer--) {
            if (decodeRuns[fewer] > 0) {
                return decodeRuns[fewer];
            }
        }
        return Arrays.stream(decodeRuns)
                .skip(rows)
                .filter(it -> it > 0)
                .findFirst()
                .orElse(0);
    }

    private static double mean(double before, double latest) {
        return before == 0 ? latest : before + WEIGHT_OF_LATEST * (latest - before);
    }
}
