package io.github.describeanything.model.lane;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What runs next where vision, prompts and decode steps share the same cores. Thread-safe: the lanes tell it what they have
 * and ask it before each run.
 *
 * <p>For latency, prompts are cut into chunks between decode steps and pictures are encoded beside both, so that running
 * streams hardly pause. For throughput, runs follow each other instead of sharing the cores: first vision, while there are
 * slots for what it encodes, then whole prompts, then steps of as many rows as possible.
 */
public final class Schedule {
    /** What to favour. */
    public enum Mode {
        /** Short pauses of running streams. */
        LATENCY,
        /** Answers a minute, with a bound on the pauses of running streams. */
        THROUGHPUT,
        /**
         * Latency until more sequences are before their first token than after it; then throughput until none is before
         * its first token.
         */
        AUTO
    }

    private final Mode mode;
    private final Duration maxGap;
    private final boolean coresShared;
    private final int slots;

    private final AtomicInteger regions = new AtomicInteger();
    private final AtomicInteger beforeFirstToken = new AtomicInteger();
    private final AtomicInteger decoding = new AtomicInteger();
    private final AtomicInteger encoded = new AtomicInteger();
    private volatile boolean backlog;

    /** Held by a run that wants all cores. */
    private final ReentrantLock cores = new ReentrantLock(true);

    private final List<Runnable> wakers = new CopyOnWriteArrayList<>();

    /**
     * @param maxGap longest pause of a running stream under throughput
     * @param coresShared whether vision and decoder run on the same cores, as on a CPU
     * @param slots sequences that decode side by side
     */
    public Schedule(Mode mode, Duration maxGap, boolean coresShared, int slots) {
        this.mode = mode;
        this.maxGap = maxGap;
        this.coresShared = coresShared;
        this.slots = slots;
    }

    /** Has {@code waker} called when a lane that waits for its turn should ask again. It must return at once. */
    public void onChange(Runnable waker) {
        wakers.add(waker);
    }

    private void changed() {
        wakers.forEach(Runnable::run);
    }

    // ---- what there is to do

    /** Regions that wait for the vision graph, or are in it. */
    public void regions(int change) {
        if (regions.addAndGet(change) == 0) {
            changed();
        }
    }

    /** A sequence arrived; its region may still have to be encoded. */
    public void arrived() {
        if (beforeFirstToken.incrementAndGet() > decoding.get()) {
            backlog = true;
        }
    }

    /** The features of a sequence are there: it needs a slot. */
    public void encoded() {
        encoded.incrementAndGet();
    }

    /** A sequence got its first token. */
    public void firstToken() {
        decoding.incrementAndGet();
        started();
    }

    /** A sequence ended. @param hadFeatures whether {@link #encoded} was called @param hadToken whether {@link #firstToken} was */
    public void ended(boolean hadFeatures, boolean hadToken) {
        if (hadToken) {
            decoding.decrementAndGet();
        } else {
            started();
        }
        if (hadFeatures && encoded.getAndDecrement() == slots) {
            changed();
        }
    }

    private void started() {
        if (beforeFirstToken.decrementAndGet() == 0) {
            backlog = false;
            changed();
        }
    }

    // ---- what may run

    /** Whether answers a minute count now, rather than pauses. */
    public boolean throughput() {
        return mode == Mode.THROUGHPUT || mode == Mode.AUTO && backlog;
    }

    /** Longest pause of a running stream under throughput. */
    public Duration maxGap() {
        return maxGap;
    }

    /** Whether vision should wait: what it encodes would find no slot, and it would take the cores from those that have one. */
    public boolean visionWaits() {
        return coresShared && throughput() && encoded.get() >= slots;
    }

    /** Whether prompts and steps should wait for vision, but for steps that {@link #maxGap} demands. */
    public boolean visionFirst() {
        return coresShared && throughput() && regions.get() > 0 && !visionWaits();
    }

    /**
     * Runs something once no other run has the cores, or at once where runs need not wait for each other.
     *
     * @param patience how long to wait; after that the runs share the cores
     */
    public void run(Duration patience, Runnable run) {
        boolean alone = coresShared && throughput() && alone(patience);
        try {
            run.run();
        } finally {
            if (alone) {
                cores.unlock();
            }
        }
    }

    private boolean alone(Duration patience) {
        try {
            return cores.tryLock(Math.max(0, patience.toNanos()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
