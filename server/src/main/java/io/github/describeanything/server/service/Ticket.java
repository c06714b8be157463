package io.github.describeanything.server.service;

import io.github.describeanything.model.api.BusyException;
import io.github.describeanything.model.api.Generation;
import io.github.describeanything.model.api.GenerationEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The running answers of one request. One thread delivers; any thread may {@link #cancel}. */
public final class Ticket implements AutoCloseable {
    private record ChoiceEvent(int choice, GenerationEvent event) {}

    private final String model;
    private final int n;
    private final List<String> tasks;
    private final List<Generation> generations;
    private final List<ReturnedMask> masks;
    private final InFlight.Entry entry;
    private final LinkedBlockingQueue<ChoiceEvent> queue = new LinkedBlockingQueue<>();
    private volatile boolean ended;

    /**
     * @param model the model name in the response
     * @param n answers per question
     * @param tasks the questions by name, if the request named them
     * @param generations all answers, those of one region in a row
     * @param masks the regions' masks, if the request asked for them
     */
    Ticket(
            String model,
            int n,
            List<String> tasks,
            List<Generation> generations,
            List<ReturnedMask> masks,
            InFlight inFlight) {
        this.model = model;
        this.n = n;
        this.tasks = List.copyOf(tasks);
        this.generations = List.copyOf(generations);
        this.masks = List.copyOf(masks);
        this.entry = inFlight.enter(this::end);
        for (int i = 0; i < generations.size(); i++) {
            int choice = i;
            Thread.startVirtualThread(() -> pump(choice));
        }
    }

    private void pump(int choice) {
        try {
            GenerationEvent event;
            do {
                event = generations.get(choice).next();
                queue.add(new ChoiceEvent(choice, event));
            } while (event instanceof GenerationEvent.Delta);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The model name in the response. */
    public String model() {
        return model;
    }

    /** Answers per question, which share a prompt. */
    public int n() {
        return n;
    }

    /** Answers per region: those to its first question, then those to the next. */
    public int perRegion() {
        return n * Math.max(1, tasks.size());
    }

    /** The task of a choice, if the request named tasks. */
    public Optional<String> task(int choice) {
        return tasks.isEmpty() ? Optional.empty() : Optional.of(tasks.get(choice % perRegion() / n));
    }

    /** The masks of the regions, on the first picture of each; none unless they were asked for. */
    public List<ReturnedMask> masks() {
        return masks;
    }

    /** Total number of answers. */
    public int choices() {
        return generations.size();
    }

    /**
     * The place of the first answer in the queue: how many earlier answers must end before it begins. Empty once an answer
     * has a slot.
     */
    public OptionalInt queued() {
        int first = Integer.MAX_VALUE;
        for (Generation generation : generations) {
            OptionalInt place = generation.queued();
            if (place.isEmpty()) {
                return place;
            }
            first = Math.min(first, place.getAsInt());
        }
        return OptionalInt.of(first);
    }

    /**
     * Passes events to the sink until every choice has finished.
     *
     * @param patience how long to wait for an event before calling {@link AnswerSink#idle}
     * @throws io.github.describeanything.model.api.ModelException if a choice failed or the server ended it
     * @throws CancellationException if it was cancelled
     * @throws IOException what the sink throws
     */
    public void deliver(AnswerSink sink, Duration patience) throws IOException, InterruptedException {
        int open = generations.size();
        while (open > 0) {
            ChoiceEvent next = queue.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
            if (next == null) {
                sink.idle();
                continue;
            }
            switch (next.event()) {
                case GenerationEvent.Delta delta -> sink.delta(next.choice(), delta);
                case GenerationEvent.Finished end -> {
                    sink.finished(next.choice(), end);
                    open--;
                }
                case GenerationEvent.Failed failed -> throw failed.cause();
                case GenerationEvent.Cancelled ignored when ended -> throw BusyException.closing();
                case GenerationEvent.Cancelled ignored -> throw new CancellationException("The request was cancelled");
            }
        }
    }

    /** Cancels all answers; their slots are free before the engine's next step. */
    public void cancel() {
        generations.forEach(Generation::cancel);
    }

    private void end() {
        ended = true;
        cancel();
    }

    @Override
    public void close() {
        cancel();
        entry.close();
    }
}
