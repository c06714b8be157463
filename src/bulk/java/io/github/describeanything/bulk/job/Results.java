package io.github.describeanything.bulk.job;

import io.github.describeanything.bulk.endpoint.EndpointException;
import io.github.describeanything.bulk.row.Problem;
import io.github.describeanything.bulk.row.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes what became of rows, in the order of completion or of the input. Thread-safe.
 *
 * <p>A request that failed becomes error rows once a later one succeeds. If many in a row fail the fault is not the rows':
 * the job stops, and a resumed one asks for them again.
 */
final class Results {
    private final Journal journal;
    private final Step step;
    private final Progress progress;
    private final boolean ordered;
    private final int mostFailures;

    private final Map<Long, Outcome> waiting = new HashMap<>();
    private long next;
    private final List<ObjectNode> failedRows = new ArrayList<>();
    private int failures;
    private boolean answered;
    private boolean unwritable;
    private Optional<EndpointException> lastFailure = Optional.empty();
    private volatile Optional<String> stopped = Optional.empty();

    /** What became of the rows of one request, and what to do once it is written. */
    private sealed interface Outcome {}

    private record Done(List<Step.Result> results, Runnable written) implements Outcome {
        boolean asked() {
            return results.stream().anyMatch(Step.Result::asked);
        }
    }

    private record Unanswered(List<Row> rows, EndpointException cause, Runnable written) implements Outcome {}

    Results(Journal journal, Step step, Progress progress, boolean ordered, int mostFailures) {
        this.journal = journal;
        this.step = step;
        this.progress = progress;
        this.ordered = ordered;
        this.mostFailures = mostFailures;
    }

    /** Why the job has to stop, if it has to. */
    Optional<String> stopped() {
        return stopped;
    }

    /**
     * Takes the results of a request.
     *
     * @param number of the request, counted from 0
     * @param written runs when nothing of the request is held any more
     */
    void done(long number, List<Step.Result> results, Runnable written) {
        take(number, new Done(results, written));
    }

    /** Takes a request that was not answered. */
    void unanswered(long number, List<Row> rows, EndpointException cause, Runnable written) {
        take(number, new Unanswered(rows, cause, written));
    }

    private synchronized void take(long number, Outcome outcome) {
        if (!ordered) {
            write(outcome);
            return;
        }
        waiting.put(number, outcome);
        for (Outcome due = waiting.remove(next); due != null; due = waiting.remove(next)) {
            write(due);
            next++;
        }
    }

    private void write(Outcome outcome) {
        Runnable written = () -> {};
        try {
            switch (outcome) {
                case Done it -> {
                    written = it.written();
                    // After a stop an order would be broken; after a failed write the file ends in half a line.
                    if (!unwritable && (!ordered || stopped.isEmpty())) {
                        answered |= it.asked();
                        write(it);
                    }
                }
                case Unanswered it -> {
                    written = it.written();
                    fail(it);
                }
            }
        } catch (IOException e) {
            unwritable = true;
            stop("The output cannot be written: " + e.getMessage());
        } finally {
            written.run();
        }
    }

    private void write(Done done) throws IOException {
        List<ObjectNode> finished = new ArrayList<>();
        List<ObjectNode> failed = new ArrayList<>();
        if (done.asked() && stopped.isEmpty()) {
            takeFailures(failed);
        }
        for (Step.Result result : done.results()) {
            switch (result) {
                case Step.Finished it -> finished.add(it.line());
                case Step.Failed it -> failed.add(step.line(it.row(), it.problem()));
            }
        }
        journal.write(finished, failed);
        progress.add(finished.size(), failed.size());
    }

    private void takeFailures(List<ObjectNode> lines) {
        lines.addAll(failedRows);
        failedRows.clear();
        failures = 0;
    }

    private void fail(Unanswered outcome) {
        lastFailure = Optional.of(outcome.cause());
        var problem = new Problem(outcome.cause().code(), outcome.cause().getMessage());
        outcome.rows().forEach(it -> failedRows.add(step.line(it, it.problem().orElse(problem))));
        failures++;
        if (outcome.cause().hopeless()) {
            stop(outcome.cause().getMessage());
        } else if (failures >= mostFailures) {
            stop("%d requests in a row failed, the last with: %s"
                    .formatted(failures, outcome.cause().getMessage()));
        }
    }

    private void stop(String reason) {
        stopped = stopped.or(() -> Optional.of(reason));
    }

    /** No more results come. The last failures are the rows' own if any request was answered. */
    synchronized void end() throws IOException {
        if (stopped.isPresent() || failedRows.isEmpty()) {
            return;
        }
        if (!answered) {
            stop("No request was answered, the last failed with: "
                    + lastFailure.map(EndpointException::getMessage).orElse(""));
            return;
        }
        List<ObjectNode> lines = new ArrayList<>();
        takeFailures(lines);
        journal.write(List.of(), lines);
        progress.add(0, lines.size());
    }
}
