package io.github.describeanything.model;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/** How many requests may be under way at once: those in slots and those in the queue. Thread-safe. */
final class Places {
    private final int size;
    private final Semaphore free;
    private final AtomicBoolean closed = new AtomicBoolean();

    Places(int size) {
        this.size = size;
        this.free = new Semaphore(size);
    }

    /** Takes places for requests that belong together, all or none. @throws BusyException if there are too few */
    void take(int count) {
        if (count > size) {
            throw new RequestException(
                    RequestException.Reason.BAD_VALUE,
                    "One request may ask for at most %d answers here; this one asks for %d".formatted(size, count));
        }
        requireOpen();
        if (!free.tryAcquire(count)) {
            throw full();
        }
    }

    /** Takes nothing. @throws BusyException if there is not one */
    void requireOne() {
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
                "All %d places are taken; try again".formatted(size),
                Duration.ofSeconds(1));
    }

    void giveBack() {
        free.release();
    }

    int size() {
        return size;
    }

    int taken() {
        return size - free.availablePermits();
    }

    /** Takes nobody in from now on, and waits for those inside. @return whether all left in time */
    boolean drain(Duration patience) {
        closed.set(true);
        try {
            boolean all = free.tryAcquire(size, patience.toNanos(), java.util.concurrent.TimeUnit.NANOSECONDS);
            if (all) {
                free.release(size);
            }
            return all;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
