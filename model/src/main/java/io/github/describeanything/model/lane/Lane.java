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
 * One thread that owns a device: it runs work from its sources in turn, delivers messages between runs, and handles
 * failures. Thread-safe towards those who post.
 *
 * <p>A failed step fails what was under way and nothing else. After a failure of the device the source is reopened, since
 * sessions may be left half used (CUDA ones are after running out of memory). If that is impossible the lane is broken:
 * everything that waits is failed, and the lane ends.
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
     * @param name of the thread, as logs and error messages show it
     * @param broken called once if the lane breaks, after all that waited was failed
     */
    public Lane(String name, Consumer<ModelException> broken) {
        this.name = name;
        this.broken = broken;
        this.thread = Thread.ofPlatform().name(name).daemon(true).start(this::run);
    }

    /** Takes a source over, and closes it when the lane closes. */
    public void add(WorkSource source) {
        sources.add(source);
    }

    /** Has the lane's thread run a message before its next step. Check {@link #end} afterwards: it may have ended. */
    public void post(Runnable message) {
        messages.add(message);
    }

    /** Has the lane ask its sources again what there is to run. */
    public void wake() {
        post(() -> {});
    }

    /** Has the lane's thread run a task and waits for it. @throws ModelException if the task fails or the lane has ended */
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

    /** Why the lane ended, in the form that clients get; empty while it runs. */
    public Optional<ModelException> end() {
        return end;
    }

    /** What runs have cost. */
    public Costs costs() {
        return costs;
    }

    /** The form in which clients learn of a failure: a lack of memory as such, anything else without its details. */
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
                LOG.warn("The {} was opened again", name);
                return;
            } catch (RuntimeException | OutOfMemoryError e) {
                if (closing) {
                    return;
                }
                LOG.error("The {} cannot be opened again; {} further tries", name, left - 1, e);
                if (left == 1) {
                    throw e;
                }
                // Other programs may have its memory for a moment.
                Thread.sleep(REOPENING_PAUSE);
            }
        }
    }

    private void finish(Optional<Throwable> cause) {
        String message = "The " + name + " failed and cannot go on";
        ModelException error = cause.map(it -> toClientError(it, message)).orElseGet(BusyException::closing);
        end = Optional.of(error);
        // From now on those who post see that the lane has ended.
        deliver();
        sources.forEach(it -> it.end(error));
        cause.ifPresent(it -> broken.accept(new ModelException(message, it)));
    }

    /** Waits for the thread even if interrupted: closing a session while it runs would crash the process. */
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

    /** Ends the thread, if need be in the middle of a run, and closes the sources. May be called again. */
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
