package io.github.describeanything.server.openai;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.http.SseWriter;
import io.github.describeanything.server.service.AnswerSink;
import io.github.describeanything.server.service.Ticket;
import java.io.IOException;

/** Writes the answer to one request in a wire form. Used by one thread. */
public interface WireWriter {

    /** Collects the answer. */
    Whole whole(Ticket ticket);

    /** Streams the answer. */
    Streamed stream(Ticket ticket, SseWriter out);

    /** An answer that is sent once it is complete. */
    interface Whole extends AnswerSink {
        /** The JSON body. */
        Object body();
    }

    /** An answer that is sent as events. */
    interface Streamed extends AnswerSink {
        /** The answers have started; nothing is generated yet. */
        default void begin() throws IOException {}

        /** All choices have finished. */
        void end() throws IOException;

        /** The answer failed after the stream began. */
        void fail(ApiException error) throws IOException;

        /** The answer is over, also if the client disconnected. */
        default void close() {}
    }
}
