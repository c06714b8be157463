package io.github.describeanything.model;

import io.github.describeanything.model.api.DescriptionRequest;
import io.github.describeanything.model.api.Generation;
import io.github.describeanything.model.engine.Engine;
import io.github.describeanything.model.engine.Stopwatch;
import io.github.describeanything.model.features.PendingFeatures;
import io.github.describeanything.model.text.Prompt;

/**
 * Permits reserved for answers before any work is done for them. Used by one thread. Closing it releases unused
 * permits; a generation releases its permit when it ends.
 */
public final class Reservation implements AutoCloseable {
    private final Engine engine;
    private final AdmissionLimit limit;
    private final Stopwatch watch = new Stopwatch();
    private int left;

    Reservation(Engine engine, AdmissionLimit limit, int answers) {
        this.engine = engine;
        this.limit = limit;
        this.left = answers;
        limit.acquire(answers);
    }

    /**
     * Starts one answer and returns at once. Later failures are events of the generation.
     *
     * @param features of the region; the generation retains them until it ends, so close your reference
     * @throws IllegalStateException if every permit is used
     */
    public Generation start(Prompt prompt, PendingFeatures features, DescriptionRequest request) {
        if (left == 0) {
            throw new IllegalStateException("Every permit of this reservation is used");
        }
        Generation generation =
                engine.add(request, prompt, features.retain(), watch.prepared(), () -> limit.release(1));
        left--;
        return generation;
    }

    /** Releases unused permits. May be called again. */
    @Override
    public void close() {
        limit.release(left);
        left = 0;
    }
}
