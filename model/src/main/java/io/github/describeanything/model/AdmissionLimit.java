package io.github.describeanything.model;

import io.github.describeanything.model.api.BusyException;
import io.github.describeanything.model.api.RequestException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** How many answers may be under way at once, in slots and in the queue: one permit each. Thread-safe. */
final class AdmissionLimit {
    private final int permits;
    private final Semaphore free;
    private final AtomicBoolean closed = new AtomicBoolean();

    AdmissionLimit(int permits) {
        this.permits = permits;
        this.free = new Semaphore(permits);
    }

    /**
     * Takes permits for answers that belong together, all or none.
     *
     * @throws BusyException if too few are free, or the model is closing
     * @throws RequestException if there are not as many in all
     */
    void acquire(int count) {
        if (count > permits) {
            throw RequestException.invalidValue(
                    "n", "must be at most %d here: that many answers may be under way at once".formatted(permits));
        }
        requireOpen();
        if (!free.tryAcquire(count)) {
            throw full();
        }
    }

    /** @throws BusyException if no permit is free, or the model is closing */
    void requireRoom() {
        requireOpen();
        if (free.availablePermits() == 0) {
            throw full();
        }
    }

    private void requireOpen() {
        if (closed.get()) {
            throw BusyException.closing();
        }
    }

    private BusyException full() {
        return new BusyException(
                BusyException.Reason.QUEUE_FULL,
                "The queue is full: %d requests are under way; try again".formatted(permits),
                Duration.ofSeconds(1));
    }

    void release(int count) {
        free.release(count);
    }

    int permits() {
        return permits;
    }

    int acquired() {
        return permits - free.availablePermits();
    }

    /** Admits nothing from now on and waits for what is under way. @return whether all of it ended in time */
    boolean drain(Duration patience) {
        closed.set(true);
        try {
            boolean all = free.tryAcquire(permits, patience.toNanos(), TimeUnit.NANOSECONDS);
            if (all) {
                free.release(permits);
            }
            return all;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
