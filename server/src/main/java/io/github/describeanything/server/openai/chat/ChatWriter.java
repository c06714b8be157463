package io.github.describeanything.server.openai.chat;

import io.github.describeanything.model.api.FinishReason;
import io.github.describeanything.server.http.SseWriter;
import io.github.describeanything.server.openai.RegionBody;
import io.github.describeanything.server.openai.WireWriter;
import io.github.describeanything.server.service.Ticket;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Writes chat completions, whole or as chunks. Used by one thread.
 *
 * @param logprobs whether to write log-probabilities
 * @param includeUsage whether to write a last chunk with the usage
 * @param listDeltas whether deltas are lists of parts, as the published server's clients expect
 * @param regionIds the client's ids of the regions; empty if the request has no regions
 */
record ChatWriter(boolean logprobs, boolean includeUsage, boolean listDeltas, List<Optional<JsonNode>> regionIds)
        implements WireWriter {

    static final String ROLE = "assistant";

    @Override
    public Whole whole(Ticket ticket) {
        return new WholeChat(this, ticket);
    }

    @Override
    public Streamed stream(Ticket ticket, SseWriter out) {
        return new StreamedChat(this, ticket, out);
    }

    /** The region of a choice, if the request has regions or asks for masks. */
    Optional<RegionBody> region(int choice, Ticket ticket) {
        return RegionBody.of(regionIds, ticket, choice);
    }

    static String finishReason(FinishReason reason) {
        return reason.name().toLowerCase(Locale.ROOT);
    }
}
