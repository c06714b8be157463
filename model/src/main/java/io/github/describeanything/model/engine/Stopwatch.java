package io.github.describeanything.model.engine;

import io.github.describeanything.model.Timings;
import java.time.Duration;

/** When one request was accepted, placed, and answered. Used by one thread at a time. */
public final class Stopwatch {
    private final long accepted;
    private long ready;
    private long placed;
    private long first;

    /** Starts now. */
    public Stopwatch() {
        this(System.nanoTime());
    }

    private Stopwatch(long accepted) {
        this.accepted = accepted;
        this.ready = accepted;
        this.placed = accepted;
    }

    /** One more that started when this one did. */
    public Stopwatch copy() {
        return new Stopwatch(accepted);
    }

    /** The features are there: from now on it waits for a slot. */
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

    Timings stop(Duration prepare, Duration encode) {
        long now = System.nanoTime();
        return new Timings(
                prepare,
                Duration.ofNanos(placed - ready),
                encode,
                Duration.ofNanos(first - placed),
                Duration.ofNanos(first - accepted),
                Duration.ofNanos(now - accepted));
    }
}
