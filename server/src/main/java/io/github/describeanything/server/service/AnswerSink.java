package io.github.describeanything.server.service;

import io.github.describeanything.model.api.GenerationEvent;
import java.io.IOException;

/** Receives the events of all choices of one request, in order, on the thread that calls {@link Ticket#deliver}. */
public interface AnswerSink {

    /** More text of a choice. */
    void delta(int choice, GenerationEvent.Delta delta) throws IOException;

    /** A choice is complete. */
    void finished(int choice, GenerationEvent.Finished end) throws IOException;

    /** No event arrived within the patience of {@link Ticket#deliver}. */
    default void idle() throws IOException {}
}
