package io.github.describeanything.model.lane;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * Measured costs of a lane's runs, by kind. Written by the lane's thread, read by any.
 *
 * <p>Policies use these measurements, because machines and models differ a hundredfold.
 */
public final class Costs {
    private static final double WEIGHT_OF_LATEST = 0.2;

    /** Kinds of work, each with its unit. */
    public enum Kind {
        /** Frames through the vision graph. */
        VISION,
        /** Tokens of a prompt. Every run also reads all weights, so they say little about the cost of the next run. */
        PREFILL,
        /** Decode runs. */
        DECODE,
        /** Prompts through a segmenter's mask graph. */
        MASK,
        /** Things on a frame of a video: memory attention, mask and memory. */
        TRACK
    }

    private static final class Cost {
        private final LongAdder runs = new LongAdder();
        private final LongAdder nanos = new LongAdder();
        private volatile double nanosPerUnit;
    }

    private final Map<Kind, Cost> costs = new EnumMap<>(Kind.class);
    private final LongAdder busyNanos = new LongAdder();

    public Costs() {
        Arrays.stream(Kind.values()).forEach(it -> costs.put(it, new Cost()));
    }

    /** Records one run. */
    public void record(Kind kind, int units, long nanos) {
        Cost cost = of(kind);
        cost.runs.increment();
        cost.nanos.add(nanos);
        double latest = (double) nanos / units;
        double before = cost.nanosPerUnit;
        cost.nanosPerUnit = before == 0 ? latest : before + WEIGHT_OF_LATEST * (latest - before);
    }

    /** Records time in which the lane was busy, its runs included. */
    void busy(long nanos) {
        busyNanos.add(nanos);
    }

    /** Runs so far. */
    public long runs(Kind kind) {
        return of(kind).runs.sum();
    }

    /** Seconds in runs so far. */
    public double seconds(Kind kind) {
        return of(kind).nanos.sum() / 1e9;
    }

    /** Running mean of the cost of a unit; 0 before the first run. */
    public double nanosPerUnit(Kind kind) {
        return of(kind).nanosPerUnit;
    }

    /** Seconds in which the lane was busy: its runs and everything between them. */
    public double busySeconds() {
        return busyNanos.sum() / 1e9;
    }

    private Cost of(Kind kind) {
        return java.util.Objects.requireNonNull(costs.get(kind));
    }
}
