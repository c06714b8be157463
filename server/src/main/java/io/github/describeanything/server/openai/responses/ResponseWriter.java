package io.github.describeanything.server.openai.responses;

import io.github.describeanything.server.http.SseWriter;
import io.github.describeanything.server.openai.WireWriter;
import io.github.describeanything.server.service.Ticket;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Writes responses, whole or as events. Used by one thread.
 *
 * @param echoed request fields that the response repeats
 * @param regionIds the client's ids of the regions; empty without {@code regions}
 */
record ResponseWriter(EchoedFields echoed, List<Optional<JsonNode>> regionIds) implements WireWriter {

    @Override
    public Whole whole(Ticket ticket) {
        return new WholeResponse(new PendingResponse(this, ticket));
    }

    @Override
    public Streamed stream(Ticket ticket, SseWriter out) {
        return new StreamedResponse(new PendingResponse(this, ticket), ticket, out);
    }
}
