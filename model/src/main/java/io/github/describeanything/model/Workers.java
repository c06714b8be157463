package io.github.describeanything.model;

import io.github.describeanything.model.api.BusyException;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;

/** The small pool of platform threads for CPU-bound work: decoding, resizing, tokenising. Thread-safe. */
final class Workers implements AutoCloseable {
    private final ExecutorService pool;

    Workers(int threads) {
        this(threads, Thread.ofPlatform().name("worker-", 0).daemon(true).factory());
    }

    Workers(int threads, ThreadFactory factory) {
        pool = Executors.newFixedThreadPool(threads, factory);
    }

    ExecutorService pool() {
        return pool;
    }

    /**
     * Runs a task on the pool and waits for its result.
     *
     * @throws BusyException if the pool is closing or memory ran out
     * @throws CancellationException if the calling thread is interrupted; the task may still run
     */
    <T> T call(Callable<T> task) {
        var future = new FutureTask<>(task);
        try {
            pool.execute(future);
            return future.get();
        } catch (RejectedExecutionException | CancellationException e) {
            throw BusyException.closing();
        } catch (InterruptedException e) {
            future.cancel(false);
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted");
        } catch (ExecutionException e) {
            throw switch (e.getCause()) {
                case RuntimeException cause -> cause;
                case OutOfMemoryError ignored -> BusyException.outOfMemory();
                case null, default -> new CompletionException(e.getCause());
            };
        }
    }

    /** Cancels tasks that have not started and waits for those that have. */
    @Override
    public void close() {
        for (Runnable dropped : pool.shutdownNow()) {
            // A caller may be waiting for the task.
            if (dropped instanceof Future<?> task) {
                task.cancel(false);
            }
        }
        pool.close();
    }
}
