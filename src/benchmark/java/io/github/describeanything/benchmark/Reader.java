package io.github.describeanything.benchmark;

import io.github.describeanything.model.api.Generation;
import io.github.describeanything.model.api.GenerationEvent;
import io.github.describeanything.model.api.ModelException;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** Reads one generation on a thread of its own and records the arrival time of each token. Thread-safe. */
final class Reader {
    private final long[] arrived;
    private final AtomicInteger count = new AtomicInteger();
    private final CompletableFuture<GenerationEvent.Finished> end;

    Reader(Generation generation, int tokens) {
        arrived = new long[tokens + 1];
        end = CompletableFuture.supplyAsync(() -> read(generation), Thread::startVirtualThread);
    }

    private GenerationEvent.Finished read(Generation generation) {
        try {
            while (true) {
                switch (generation.next()) {
                    case GenerationEvent.Delta ignored -> {
                        int i = count.get();
                        arrived[i] = System.nanoTime();
                        count.set(i + 1);
                    }
                    case GenerationEvent.Finished finished -> {
                        return finished;
                    }
                    case GenerationEvent.Failed failed -> throw failed.cause();
                    case GenerationEvent.Cancelled ignored -> throw new ModelException("cancelled");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ModelException("interrupted", e);
        }
    }

    /** Tokens so far. */
    int count() {
        return count.get();
    }

    /** Waits for this many tokens. */
    void await(int tokens) {
        while (count.get() < tokens && !end.isDone()) {
            try {
                Thread.sleep(0, 200_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ModelException("interrupted", e);
            }
        }
    }

    GenerationEvent.Finished finished() {
        return end.join();
    }

    /** Sorted gaps in milliseconds between tokens that arrived within [from, to) nanoseconds. */
    double[] gaps(long from, long to) {
        int tokens = count.get();
        return java.util.stream.IntStream.range(1, tokens)
                .filter(i -> arrived[i - 1] >= from && arrived[i] < to)
                .mapToDouble(i -> (arrived[i] - arrived[i - 1]) / 1e6)
                .sorted()
                .toArray();
    }

    /** A quantile of sorted values; NaN if there are none. */
    static double quantile(double[] sorted, double share) {
        return sorted.length == 0
                ? Double.NaN
                : sorted[Math.clamp((long) Math.ceil(share * sorted.length) - 1, 0, sorted.length - 1)];
    }

    static double median(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return quantile(sorted, 0.5);
    }
}
