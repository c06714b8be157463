package io.github.describeanything.bulk.job;

import java.io.PrintStream;
import java.time.Duration;

/** Counts rows, and says from time to time how far the job is. Thread-safe. */
public final class Progress {
    private final PrintStream out;
    private final long everyNanos;
    private final long start = System.nanoTime();
    private long last = start;
    private long total;
    private long before;
    private long finished;
    private long failed;

    /** @param every how often to print a line; zero never does */
    public Progress(PrintStream out, Duration every) {
        this.out = out;
        this.everyNanos = every.toNanos();
    }

    /**
     * The job begins.
     *
     * @param rows that it has in all
     * @param done those that an earlier run wrote, as far as known
     */
    synchronized void begin(long rows, long done) {
        total = rows;
        before = done;
    }

    /** Rows that an earlier run wrote were met. */
    synchronized void skip(int rows) {
        before += rows;
    }

    synchronized void add(int finishedRows, int failedRows) {
        finished += finishedRows;
        failed += failedRows;
        long now = System.nanoTime();
        if (everyNanos > 0 && now - last >= everyNanos) {
            last = now;
            out.println(line());
        }
    }

    private String line() {
        double rate = rate();
        long left = total - before - finished - failed;
        return "%,d of %,d rows, %,d errors, %.1f rows/s, %s left"
                .formatted(before + finished + failed, total, failed, rate, time((long)
                        Math.ceil(left / Math.max(rate, 1e-9))));
    }

    private double rate() {
        return (finished + failed) / Math.max((System.nanoTime() - start) / 1e9, 1e-3);
    }

    /** What the job did. */
    synchronized Summary summary() {
        return new Summary(total, before, finished, failed, (System.nanoTime() - start) / 1e9);
    }

    /** A time in two units at most. */
    static String time(long seconds) {
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3600) {
            return seconds / 60 + " min " + seconds % 60 + " s";
        }
        return seconds < 1_000_000_000 ? seconds / 3600 + " h " + seconds / 60 % 60 + " min" : "more than 30 years";
    }
}
