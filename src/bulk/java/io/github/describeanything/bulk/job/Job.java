package io.github.describeanything.bulk.job;

import io.github.describeanything.bulk.endpoint.EndpointException;
import io.github.describeanything.bulk.input.Input;
import io.github.describeanything.bulk.input.InputException;
import io.github.describeanything.bulk.row.IdIndex;
import io.github.describeanything.bulk.row.PictureRows;
import io.github.describeanything.bulk.row.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Phaser;

/**
 * Runs a step over every row of an input that the journal does not have yet. Used once, by one thread.
 *
 * <p>Pictures are read, worked on and written side by side, and a {@link Window} bounds what is anywhere in between, so memory
 * grows neither with the input nor with the size of its pictures.
 */
public final class Job {
    private final Input input;
    private final Journal journal;
    private final Step step;
    private final Options options;
    private final Progress progress;

    /**
     * How a job goes through its input. Immutable.
     *
     * @param inFlight rows between reading and writing
     * @param limit rows in all; the shard's first
     * @param ordered write rows in the order of the input
     * @param mostFailures requests in a row that may fail before the job stops
     */
    public record Options(Shard shard, long limit, int inFlight, boolean ordered, int mostFailures) {
        boolean limited() {
            return limit < Long.MAX_VALUE;
        }
    }

    /** How it ended. @param stopped why it ended early, if it did */
    public record End(Summary summary, Optional<String> stopped) {}

    public Job(Input input, Journal journal, Step step, Options options, Progress progress) {
        this.input = input;
        this.journal = journal;
        this.step = step;
        this.options = options;
        this.progress = progress;
    }

    /** Runs the job. @throws InputException if the input cannot be used, before any work is done */
    public End run() throws IOException, InterruptedException {
        count(input, options, Optional.of(journal), progress);
        var results = new Results(journal, step, progress, options.ordered(), options.mostFailures());
        var window = Window.ofHeap(options.inFlight());
        var running = new Phaser(1);
        long number = 0;
        long rows = 0;
        Iterator<PictureRows> pictures = input.pictures(options.ordered());
        while (rows < options.limit() && results.stopped().isEmpty() && pictures.hasNext()) {
            PictureRows picture = pictures.next();
            if (!options.shard().has(picture.picture())) {
                continue;
            }
            int most = (int) Math.min(picture.rows().size(), options.limit() - rows);
            rows += most;
            for (PictureRows request : requests(picture, most)) {
                Runnable release = window.acquire(request);
                if (results.stopped().isPresent()) {
                    break;
                }
                long own = number++;
                running.register();
                Thread.startVirtualThread(() -> {
                    try {
                        work(own, request, results, release);
                    } finally {
                        running.arriveAndDeregister();
                    }
                });
            }
        }
        running.arriveAndAwaitAdvance();
        results.end();
        return new End(progress.summary(), results.stopped());
    }

    /**
     * Counts the rows of an input, and refuses it if two have the same id.
     *
     * @return what a job would do
     */
    public static Summary count(Input input, Options options, Optional<Journal> journal, Progress progress)
            throws IOException {
        var ids = new IdIndex();
        var counts = new long[2];
        input.scan((key, picture) -> {
            if (!ids.add(key)) {
                throw new InputException("Two rows have the id " + key + ": ids must be unique");
            }
            if (options.shard().has(picture)) {
                counts[0] = Math.min(counts[0] + 1, options.limit());
                counts[1] += journal.isPresent() && journal.get().has(key) ? 1 : 0;
            }
        });
        // Which rows of a limited job are done shows only as they are read.
        progress.begin(counts[0], options.limited() ? 0 : counts[1]);
        return progress.summary();
    }

    /** The first rows of a picture that are still to be done, in as many requests as they need. */
    private List<PictureRows> requests(PictureRows picture, int most) {
        List<Row> left = picture.rows().subList(0, most).stream()
                .filter(it -> !journal.has(it.key()))
                .toList();
        if (options.limited()) {
            progress.skip(most - left.size());
        }
        List<PictureRows> requests = new ArrayList<>();
        for (int from = 0; from < left.size(); from += step.rowsAtOnce()) {
            requests.add(picture.with(left.subList(from, Math.min(from + step.rowsAtOnce(), left.size()))));
        }
        return requests;
    }

    private void work(long number, PictureRows request, Results results, Runnable written) {
        List<Step.Result> broken = new ArrayList<>();
        List<Row> sound = new ArrayList<>();
        for (Row row : request.rows()) {
            row.problem().ifPresentOrElse(it -> broken.add(new Step.Failed(row, it, false)), () -> sound.add(row));
        }
        try {
            List<Step.Result> all = new ArrayList<>(broken);
            if (!sound.isEmpty()) {
                all.addAll(step.run(request.with(sound)));
            }
            results.done(number, all, written);
        } catch (EndpointException e) {
            results.unanswered(number, request.rows(), e, written);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            results.unanswered(number, request.rows(), EndpointException.unexpected(e), written);
        }
    }
}
