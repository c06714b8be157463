package io.github.describeanything.model.engine;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What the engine has done and is doing, for whoever watches. Thread-safe. */
public final class EngineCounters {
    private final AtomicLong running = new AtomicLong();
    private final LongAdder busyNanos = new LongAdder();
    private final LongAdder steps = new LongAdder();
    private final LongAdder decodeNanos = new LongAdder();
    private final LongAdder prefillNanos = new LongAdder();
    private final LongAdder generated = new LongAdder();

    void load(int nowRunning) {
        running.set(nowRunning);
    }

    void busy(long nanos) {
        busyNanos.add(nanos);
    }

    void decoded(long nanos) {
        steps.increment();
        decodeNanos.add(nanos);
    }

    void prefilled(long nanos) {
        prefillNanos.add(nanos);
    }

    void generated() {
        generated.increment();
    }

    /** Sequences that have a slot. */
    public long running() {
        return running.get();
    }

    /** Nanoseconds in which the engine's thread had something to do, its runs included. */
    public long busyNanos() {
        return busyNanos.sum();
    }

    /** Decode runs so far. */
    public long steps() {
        return steps.sum();
    }

    /** Nanoseconds inside decode runs. */
    public long decodeNanos() {
        return decodeNanos.sum();
    }

    /** Nanoseconds inside prefill runs. */
    public long prefillNanos() {
        return prefillNanos.sum();
    }

    /** Tokens chosen. */
    public long generatedTokens() {
        return generated.sum();
    }
}
