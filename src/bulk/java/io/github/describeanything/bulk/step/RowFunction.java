package io.github.describeanything.bulk.step;

import io.github.describeanything.bulk.endpoint.EndpointException;
import io.github.describeanything.bulk.input.RowReader;
import io.github.describeanything.bulk.job.Step;
import io.github.describeanything.bulk.row.PictureRows;
import io.github.describeanything.bulk.row.Row;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import tools.jackson.databind.node.ObjectNode;

/**
 * A step as a function of rows, for engines that bring their own input and output. Immutable; each iterator is used by one
 * thread.
 *
 * <p>Rows of one picture that follow each other go in one request, and a few requests are under way at once. Results come in
 * the rows' order.
 *
 * @param images where pictures lie
 * @param inFlight rows under way
 */
public record RowFunction(Step step, Path images, int inFlight) {

    /**
     * The finished rows and error rows of these lines of JSON.
     *
     * @throws IllegalStateException from the iterator if the model does not answer: the rows have to be given again
     */
    public Iterator<ObjectNode> apply(Iterator<String> lines) {
        return new Results(new RowReader(lines, images, step.rowsAtOnce()));
    }

    private final class Results implements Iterator<ObjectNode> {
        private final Iterator<PictureRows> input;
        private final ArrayDeque<Running> running = new ArrayDeque<>();
        private final ArrayDeque<ObjectNode> ready = new ArrayDeque<>();
        private int rows;

        private record Running(int rows, CompletableFuture<List<ObjectNode>> lines) {}

        Results(Iterator<PictureRows> input) {
            this.input = input;
        }

        @Override
        public boolean hasNext() {
            while (rows < inFlight && input.hasNext()) {
                PictureRows next = input.next();
                rows += next.rows().size();
                running.add(new Running(
                        next.rows().size(),
                        CompletableFuture.supplyAsync(() -> work(next), Thread::startVirtualThread)));
            }
            while (ready.isEmpty() && !running.isEmpty()) {
                Running first = running.remove();
                try {
                    ready.addAll(first.lines().join());
                } catch (CompletionException e) {
                    throw new IllegalStateException(String.valueOf(e.getCause()), e);
                }
                rows -= first.rows();
            }
            return !ready.isEmpty();
        }

        @Override
        public ObjectNode next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return ready.remove();
        }
    }

    private List<ObjectNode> work(PictureRows picture) {
        List<ObjectNode> lines = new ArrayList<>();
        List<Row> sound = new ArrayList<>();
        for (Row row : picture.rows()) {
            row.problem().ifPresentOrElse(it -> lines.add(step.line(row, it)), () -> sound.add(row));
        }
        try {
            for (Step.Result result : sound.isEmpty() ? List.<Step.Result>of() : step.run(picture.with(sound))) {
                lines.add(
                        switch (result) {
                            case Step.Finished it -> it.line();
                            case Step.Failed it -> step.line(it.row(), it.problem());
                        });
            }
            return lines;
        } catch (EndpointException e) {
            throw new CompletionException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompletionException(e);
        }
    }
}
