package io.github.describeanything.model;

import io.github.describeanything.model.api.BusyException;
import io.github.describeanything.model.api.RequestException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** Limits the answers that are running or queued; each takes one permit. Thread-safe. */
final class AdmissionLimit {
    private final int permits;
    private final Semaphore free;
    /** Why nothing is admitted any more. */
    private final AtomicReference<Optional<Supplier<BusyException>>> closed = new AtomicReference<>(Optional.empty());

    AdmissionLimit(int permits) {
        this.permits = permits;
        this.free = new Semaphore(permits);
    }

    /**
     * Acquires permits for the answers of one request, all or none.
     *
     * @throws BusyException if too few are free, or nothing is admitted any more
     * @throws RequestException if there are not that many permits in total
     */
    void acquire(int count) {
        if (count > permits) {
            throw RequestException.invalidValue(
                    "n", "must be at most %d, the number of answers that can run and wait at once".formatted(permits));
        }
        requireOpen();
        if (!free.tryAcquire(count)) {
            throw full();
        }
    }

    /** @throws BusyException if no permit is free, or nothing is admitted any more */
    void requireRoom() {
        requireOpen();
        if (free.availablePermits() == 0) {
            throw full();
        }
    }

    private void requireOpen() {
        Optional<Supplier<BusyException>> why = closed.get();
        if (why.isPresent()) {
            throw why.get().get();
        }
    }

    private BusyException full() {
        return new BusyException(
                BusyException.Reason.QUEUE_FULL,
                "The queue is full: %d answers are running or queued; try again".formatted(permits),
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

    /** Refuses everything from now on; {@code why} makes the exception. Only the first reason counts. */
    void close(Supplier<BusyException> why) {
        closed.updateAndGet(it -> it.or(() -> Optional.of(why)));
    }

    /** Closes admission and waits for running answers. @return whether all of them ended in time */
    boolean drain(Duration patience) {
        close(BusyException::closing);
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
