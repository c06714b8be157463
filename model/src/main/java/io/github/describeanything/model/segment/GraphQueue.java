package io.github.describeanything.model.segment;

import io.github.describeanything.model.api.ModelException;
import io.github.describeanything.model.lane.Costs;
import io.github.describeanything.model.lane.Lane;
import io.github.describeanything.model.lane.WorkSource;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;

/** Runs of the graphs behind the encoder, waiting for their turn. Thread-safe; a {@link Lane} makes one run a step. */
public final class GraphQueue implements WorkSource {
    private final Lane lane;
    private final SegmentGraphs graphs;
    private final Costs.Kind kind;
    private final Set<Waiting<?>> underWay = ConcurrentHashMap.newKeySet();

    // Used by the lane's thread alone.
    private final ArrayDeque<Waiting<?>> waiting = new ArrayDeque<>();
    private Optional<Waiting<?>> running = Optional.empty();

    private static final class Waiting<T> {
        private final Function<SegmentGraphs, T> run;
        private final CompletableFuture<T> result = new CompletableFuture<>();

        Waiting(Function<SegmentGraphs, T> run) {
            this.run = run;
        }
    }

    /** Takes the graphs over, which queues of one lane may share. @param kind what its runs count as */
    public GraphQueue(Lane lane, SegmentGraphs graphs, Costs.Kind kind) {
        this.lane = lane;
        this.graphs = graphs;
        this.kind = kind;
    }

    /** Queues a run; returns at once. Cancel the future to take it back. */
    <T> CompletableFuture<T> submit(Function<SegmentGraphs, T> run) {
        var fresh = new Waiting<T>(run);
        underWay.add(fresh);
        lane.post(() -> waiting.add(fresh));
        lane.end().ifPresent(why -> fail(fresh, why));
        return fresh.result;
    }

    /** Queues a run and waits for its result. @throws CancellationException if the calling thread is interrupted */
    <T> T run(Function<SegmentGraphs, T> run) {
        CompletableFuture<T> future = submit(run);
        try {
            return await(future);
        } catch (CancellationException e) {
            future.cancel(false);
            throw e;
        }
    }

    /** Waits for a result. @throws CancellationException if the calling thread is interrupted */
    static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause
                    ? cause
                    : new ModelException("The segmenter failed", e);
        }
    }

    @Override
    public boolean idle() {
        return waiting.isEmpty();
    }

    @Override
    public void step() {
        running = Optional.ofNullable(waiting.poll());
        running.ifPresent(this::run);
        running = Optional.empty();
    }

    private <T> void run(Waiting<T> it) {
        if (!it.result.isDone()) {
            long start = System.nanoTime();
            T result = it.run.apply(graphs);
            lane.costs().record(kind, 1, System.nanoTime() - start);
            it.result.complete(result);
        }
        underWay.remove(it);
    }

    private void fail(Waiting<?> it, ModelException cause) {
        underWay.remove(it);
        it.result.completeExceptionally(cause);
    }

    @Override
    public void fail(ModelException cause) {
        running.ifPresent(it -> fail(it, cause));
        running = Optional.empty();
    }

    @Override
    public void reopen() {
        graphs.reopen();
    }

    @Override
    public void end(ModelException cause) {
        underWay.forEach(it -> fail(it, cause));
    }

    @Override
    public void close() {
        graphs.close();
    }
}
