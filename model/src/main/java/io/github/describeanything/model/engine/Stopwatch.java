package io.github.describeanything.model.engine;

import io.github.describeanything.model.api.Timings;
import java.time.Duration;

/** Times of one request: reserved, prepared, admitted to a slot, answered. Used by one thread at a time. */
public final class Stopwatch {
    private final long reserved;
    private long prepared;
    private long ready;
    private long placed;
    private long first;

    /** Starts now, with the reservation. */
    public Stopwatch() {
        this(System.nanoTime());
    }

    private Stopwatch(long reserved) {
        this.reserved = reserved;
        this.prepared = reserved;
        this.ready = reserved;
        this.placed = reserved;
    }

    /** A stopwatch for one answer of the reservation; its prompt and pictures are prepared now. */
    public Stopwatch prepared() {
        var own = new Stopwatch(reserved);
        own.prepared = System.nanoTime();
        return own;
    }

    /** The features are complete; from now on the sequence waits for a slot. */
    void ready() {
        ready = System.nanoTime();
    }

    void placed() {
        placed = System.nanoTime();
    }

    void token() {
        if (first == 0) {
            first = System.nanoTime();
        }
    }

    /** @param encode time in the vision graph */
    Timings stop(Duration encode) {
        long now = System.nanoTime();
        return new Timings(
                Duration.ofNanos(prepared - reserved),
                Duration.ofNanos(placed - ready),
                encode,
                Duration.ofNanos(first - placed),
                Duration.ofNanos(first - reserved),
                Duration.ofNanos(now - reserved));
    }
}
