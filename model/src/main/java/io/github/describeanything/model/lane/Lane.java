package io.github.describeanything.model.lane;

import io.github.describeanything.model.api.BusyException;
import io.github.describeanything.model.api.ModelException;
import io.github.describeanything.model.onnx.OnnxException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that owns a device: it runs work from its sources in turn, delivers messages between runs, and handles
 * failures. Any thread may post.
 *
 * <p>A failed step fails only the work in progress. After a device failure the source is reopened, because its sessions
 * may be unusable (CUDA ones are after running out of memory). If reopening fails, the lane is broken: it fails all
 * waiting work and ends.
 */
public final class Lane implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

    private static final int REOPENINGS = 3;
    private static final Duration REOPENING_PAUSE = Duration.ofSeconds(1);

    private final String name;
    private final Consumer<ModelException> broken;
    private final Costs costs = new Costs();
    private final List<WorkSource> sources = new CopyOnWriteArrayList<>();
    private final LinkedBlockingQueue<Runnable> messages = new LinkedBlockingQueue<>();
    private final Thread thread;
    private volatile boolean closing;
    private volatile Optional<ModelException> end = Optional.empty();

    /**
     * Starts the thread.
     *
     * @param name of the thread, used in logs and error messages
     * @param broken called once if the lane breaks, after all waiting work has failed
     */
    public Lane(String name, Consumer<ModelException> broken) {
        this.name = name;
        this.broken = broken;
        this.thread = Thread.ofPlatform().name(name).daemon(true).start(this::run);
    }

    /** Takes ownership of a source; closing the lane closes it. */
    public void add(WorkSource source) {
        sources.add(source);
    }

    /**
     * Runs a message on the lane's thread before its next step. Check {@link #end} afterwards: the lane may have ended.
     */
    public void post(Runnable message) {
        messages.add(message);
    }

    /** Makes the lane ask its sources again. */
    public void wake() {
        post(() -> {});
    }

    /**
     * Runs a task on the lane's thread and waits for it. @throws ModelException if the task fails or the lane has ended
     */
    public void call(Runnable task) {
        var done = new CompletableFuture<Void>();
        post(() -> {
            try {
                task.run();
                done.complete(null);
            } catch (RuntimeException | Error e) {
                done.completeExceptionally(e);
            }
        });
        end.ifPresent(done::completeExceptionally);
        try {
            done.join();
        } catch (CompletionException e) {
            throw toClientError(Optional.ofNullable(e.getCause()).orElse(e), "The " + name + " cannot run here");
        }
    }

    /** Why the lane ended, as an error for clients; empty while it runs. */
    public Optional<ModelException> end() {
        return end;
    }

    /** Measured costs of runs. */
    public Costs costs() {
        return costs;
    }

    /** Converts a failure to an error for clients: out of memory as such, anything else without details. */
    public static ModelException toClientError(Throwable cause, String message) {
        return switch (cause) {
            case BusyException busy -> busy;
            case Throwable it when OnnxException.outOfMemory(it) -> BusyException.outOfMemory();
            default -> new ModelException(message, cause);
        };
    }

    private void run() {
        Optional<Throwable> cause = Optional.empty();
        try {
            while (!closing) {
                await();
                long start = System.nanoTime();
                deliver();
                for (WorkSource source : sources) {
                    step(source);
                }
                costs.busy(System.nanoTime() - start);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            cause = Optional.of(e);
        } finally {
            finish(cause);
        }
    }

    /** Waits while there is nothing to run. */
    private void await() throws InterruptedException {
        if (sources.stream().allMatch(WorkSource::idle)) {
            Duration patience = sources.stream()
                    .map(WorkSource::patience)
                    .min(Duration::compareTo)
                    .orElse(WorkSource.FOREVER);
            Runnable message = messages.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
            if (message != null) {
                message.run();
            }
        }
    }

    private void deliver() {
        for (Runnable message = messages.poll(); message != null; message = messages.poll()) {
            message.run();
        }
    }

    private void step(WorkSource source) throws InterruptedException {
        try {
            source.step();
        } catch (RuntimeException | OutOfMemoryError e) {
            if (!closing) {
                recover(source, e);
            }
        }
    }

    private void recover(WorkSource source, Throwable cause) throws InterruptedException {
        LOG.error("A step of the {} failed", name, cause);
        source.fail(toClientError(cause, "The " + name + " failed"));
        if (!(cause instanceof OnnxException)) {
            return;
        }
        for (int left = REOPENINGS; !closing; left--) {
            try {
                source.reopen();
                LOG.warn("The {} was reopened", name);
                return;
            } catch (RuntimeException | OutOfMemoryError e) {
                if (closing) {
                    return;
                }
                LOG.error("The {} cannot be reopened; {} attempts left", name, left - 1, e);
                if (left == 1) {
                    throw e;
                }
                // Another process may hold the memory for a moment.
                Thread.sleep(REOPENING_PAUSE);
            }
        }
    }

    private void finish(Optional<Throwable> cause) {
        String message = "The " + name + " failed and cannot go on";
        ModelException error = cause.map(it -> toClientError(it, message)).orElseGet(BusyException::closing);
        end = Optional.of(error);
        // From now on, posting threads see that the lane has ended.
        deliver();
        sources.forEach(it -> it.end(error));
        cause.ifPresent(it -> broken.accept(new ModelException(message, it)));
    }

    /** Waits for the thread even if interrupted, because closing a session during a run would crash the process. */
    private void join() {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Stops the thread, aborting a run if needed, and closes the sources. May be called again. */
    @Override
    public void close() {
        closing = true;
        sources.forEach(WorkSource::terminate);
        wake();
        join();
        for (WorkSource source : sources) {
            source.close();
        }
    }
}
