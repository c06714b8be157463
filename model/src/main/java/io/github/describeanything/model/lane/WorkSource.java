package io.github.describeanything.model.lane;

import io.github.describeanything.model.api.ModelException;
import java.time.Duration;

/**
 * One kind of work for a {@link Lane}, such as decoding tokens or encoding regions. The lane's thread calls every
 * method but {@link #terminate}, which any thread may call, and {@link #close}, which comes after that thread has
 * ended.
 */
public interface WorkSource extends AutoCloseable {
    /** A {@link #patience} that only a message ends. */
    Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

    /** Whether there is nothing to do now: no work, or work that waits for another lane. */
    boolean idle();

    /** How long an idle source may wait for a message before it is asked again. */
    default Duration patience() {
        return FOREVER;
    }

    /** Runs the next unit of work, if any. Keep it short: other sources wait for it. */
    void step();

    /** A step threw: fails everything that depends on the device. The source accepts new work afterwards. */
    void fail(ModelException cause);

    /** Releases everything on the device and allocates it again. @throws ModelException if that fails */
    void reopen();

    /** No step follows: fails everything that is still waiting. */
    void end(ModelException cause);

    /** Aborts a step in progress if possible. May be called by any thread. */
    default void terminate() {}

    /** Releases everything. */
    @Override
    void close();
}
