package io.github.describeanything.model.lane;

import io.github.describeanything.model.api.ModelException;
import java.time.Duration;

/**
 * Work of one kind for a {@link Lane}, such as decoding or encoding pictures. Every method but {@link #terminate} is
 * called by the lane's thread, one at a time; {@link #close} comes after that thread has ended.
 */
public interface WorkSource extends AutoCloseable {
    /** Until a message comes. */
    Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

    /** Whether there is nothing to run, or what there is has to wait for another lane. */
    boolean idle();

    /** After how long an idle source has to be asked again, unless a message comes before. */
    default Duration patience() {
        return FOREVER;
    }

    /** Runs the next piece of work, short enough for other sources to wait for; does nothing if there is none. */
    void step();

    /** A step threw: reports that to everything that depended on the device. The source is then usable for new work. */
    void fail(ModelException cause);

    /** Releases what the source holds on its device and takes it again. @throws ModelException if that fails */
    void reopen();

    /** No step follows: reports that to everything still waiting. */
    void end(ModelException cause);

    /** Makes a step in progress fail soon, if that is possible. May be called by any thread. */
    default void terminate() {}

    /** Releases everything. */
    @Override
    void close();
}
