package io.github.describeanything.model.lane;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Schedules vision, prefill and decode runs that share the same cores. Thread-safe: the lanes report their work to it and
 * ask it before each run.
 *
 * <p>For latency, prompts are cut into chunks between decode runs, and vision runs beside both, so running streams hardly
 * pause. For throughput, runs follow one another: prompts whose regions are encoded, whole; else vision, as long as slots are
 * free for its regions; else decode runs with as many rows as possible. So requests get their first tokens in the order in
 * which they arrived, and none waits for the vision of later ones.
 */
public final class Schedule {
    /** What to optimise for. */
    public enum Mode {
        /** Short gaps between the tokens of running streams. */
        LATENCY,
        /** Answers per minute; gaps in running streams are bounded. */
        THROUGHPUT,
        /**
         * Latency until more sequences wait for their first token than have it; then throughput until none waits. Always
         * latency if vision runs are short.
         */
        AUTO
    }

    /** Shorter vision runs lose more by waiting for each other than by sharing the cores (measured on two cores). */
    private static final Duration SHORT = Duration.ofMillis(50);

    private final Mode mode;
    private final Duration maxGap;
    private final boolean coresShared;
    private final int slots;

    private final AtomicInteger regions = new AtomicInteger();
    private final AtomicInteger encoded = new AtomicInteger();
    /** Of these, sequences without a first token. */
    private final AtomicInteger prompts = new AtomicInteger();

    /** Guards the next two and changes of {@link #backlog}, which follows from both. */
    private final Object counts = new Object();

    private int beforeFirstToken;
    private int decoding;
    private volatile boolean backlog;
    private volatile boolean visionIsShort;

    /** Held by a run that needs all cores. */
    private final ReentrantLock cores = new ReentrantLock(true);

    private final List<Runnable> wakers = new CopyOnWriteArrayList<>();

    /**
     * @param maxGap maximum pause of a running stream under throughput
     * @param coresShared whether vision and decoder run on the same cores, as on a CPU
     * @param slots sequences that decode side by side
     */
    public Schedule(Mode mode, Duration maxGap, boolean coresShared, int slots) {
        this.mode = mode;
        this.maxGap = maxGap;
        this.coresShared = coresShared;
        this.slots = slots;
    }

    /** Calls {@code waker} when a waiting lane should ask again. It must return at once. */
    public void onChange(Runnable waker) {
        wakers.add(waker);
    }

    private void changed() {
        wakers.forEach(Runnable::run);
    }

    // ---- reports

    /** Adds to the number of regions that wait for the vision graph or are in it. */
    public void regions(int change) {
        if (regions.addAndGet(change) == 0) {
            changed();
        }
    }

    /** Reports a vision run. @param perFrame its time divided by its frames */
    public void visionTook(Duration perFrame) {
        boolean isShort = perFrame.compareTo(SHORT) < 0;
        if (isShort != visionIsShort) {
            visionIsShort = isShort;
            changed();
        }
    }

    /** A sequence arrived. Its region may not be encoded yet. */
    public void arrived() {
        synchronized (counts) {
            beforeFirstToken++;
            backlog |= beforeFirstToken > decoding;
        }
    }

    /** The features of a sequence are complete: it needs a slot, and its prompt is next. */
    public void encoded() {
        encoded.incrementAndGet();
        prompts.incrementAndGet();
    }

    /** A sequence got its first token. */
    public void firstToken() {
        prompted();
        started(1);
    }

    /** A sequence ended. @param hadFeatures whether {@link #encoded} was called @param hadToken whether {@link #firstToken} was */
    public void ended(boolean hadFeatures, boolean hadToken) {
        if (hadToken) {
            synchronized (counts) {
                decoding--;
            }
        } else {
            started(0);
            if (hadFeatures) {
                prompted();
            }
        }
        if (hadFeatures && encoded.getAndDecrement() == slots) {
            changed();
        }
    }

    private void prompted() {
        if (prompts.decrementAndGet() == 0) {
            changed();
        }
    }

    private void started(int decodes) {
        boolean noneWaits;
        synchronized (counts) {
            decoding += decodes;
            beforeFirstToken--;
            noneWaits = beforeFirstToken == 0;
            backlog &= !noneWaits;
        }
        if (noneWaits) {
            changed();
        }
    }

    // ---- decisions

    /** Whether to optimise for throughput now. */
    public boolean throughput() {
        return mode == Mode.THROUGHPUT || mode == Mode.AUTO && backlog && !visionIsShort;
    }

    /** Maximum pause of a running stream under throughput. */
    public Duration maxGap() {
        return maxGap;
    }

    /** Whether vision should wait for a prompt, or because no slot is free for its regions. */
    public boolean visionWaits() {
        return exclusive() && (prompts.get() > 0 || encoded.get() >= slots);
    }

    /** Whether prefill and decode should wait for vision, except for decode runs that {@link #maxGap} requires. */
    public boolean visionFirst() {
        return exclusive() && regions.get() > 0 && !visionWaits();
    }

    /** Whether decode runs should leave time to vision, which runs beside them on the same cores. */
    public boolean visionBeside() {
        return coresShared && !visionIsShort && !throughput() && regions.get() > 0;
    }

    /**
     * Runs when no other run has the cores, or at once if runs may share them.
     *
     * @param patience maximum wait; after that the runs share the cores
     */
    public void run(Duration patience, Runnable run) {
        boolean alone = exclusive() && alone(patience);
        try {
            run.run();
        } finally {
            if (alone) {
                cores.unlock();
            }
        }
    }

    /** Whether runs follow one another. */
    private boolean exclusive() {
        return coresShared && !visionIsShort && throughput();
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
