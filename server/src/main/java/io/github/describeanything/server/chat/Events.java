package io.github.describeanything.server.chat;

import io.github.describeanything.model.Generation;
import io.github.describeanything.model.GenerationEvent;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The events of several generations as one sequence. Read by one thread; closing it cancels what is left. */
final class Events implements AutoCloseable {

    /** An event of the generation with this index. */
    record Indexed(int index, GenerationEvent event) {}

    private final List<Generation> generations;
    private final LinkedBlockingQueue<Indexed> queue = new LinkedBlockingQueue<>();
    private volatile boolean ended;
    private int open;

    Events(List<Generation> generations) {
        this.generations = generations;
        this.open = generations.size();
        for (int i = 0; i < generations.size(); i++) {
            int index = i;
            Thread.startVirtualThread(() -> pump(index));
        }
    }

    private void pump(int index) {
        try {
            GenerationEvent event;
            do {
                event = generations.get(index).next();
                queue.add(new Indexed(index, event));
            } while (event instanceof GenerationEvent.Delta);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether some generation has not ended. */
    boolean open() {
        return open > 0;
    }

    /** The next event of any; empty if there is none for this long. */
    Optional<Indexed> poll(Duration patience) throws InterruptedException {
        var next = Optional.ofNullable(queue.poll(patience.toNanos(), TimeUnit.NANOSECONDS));
        next.filter(it -> !(it.event() instanceof GenerationEvent.Delta)).ifPresent(it -> open--);
        return next;
    }

    /** Stops all of them. */
    void cancel() {
        generations.forEach(Generation::cancel);
    }

    /** Stops all of them because the server stops. */
    void end() {
        ended = true;
        cancel();
    }

    /** Whether the server ended them, rather than a client that left. */
    boolean ended() {
        return ended;
    }

    @Override
    public void close() {
        cancel();
    }
}
