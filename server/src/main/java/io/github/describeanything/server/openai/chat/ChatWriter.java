package io.github.describeanything.server.openai.chat;

import io.github.describeanything.focal.region.Whole;
import io.github.describeanything.model.api.FinishReason;
import io.github.describeanything.server.http.SseWriter;
import io.github.describeanything.server.openai.RegionBody;
import io.github.describeanything.server.openai.WireWriter;
import io.github.describeanything.server.service.Ticket;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
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

    /** The region of a choice, if the request named regions or asked for masks. */
    Optional<RegionBody> region(int choice, Ticket ticket) {
        int index = choice / ticket.n();
        if (regionIds.isEmpty() && ticket.masks().isEmpty()) {
            return Optional.empty();
        }
        Optional<JsonNode> id = regionIds.isEmpty() ? Optional.empty() : regionIds.get(index);
        // Answers to one region share its mask: the first one carries it.
        boolean first = choice % ticket.n() == 0 && !ticket.masks().isEmpty();
        return Optional.of(new RegionBody(
                index,
                id,
                first ? Optional.of(RegionBody.MaskBody.of(ticket.masks().get(index))) : Optional.empty()));
    }

    static String newId() {
        byte[] bytes = ByteBuffer.allocate(12)
                .putLong(ThreadLocalRandom.current().nextLong())
                .putInt(ThreadLocalRandom.current().nextInt())
                .array();
        return "chatcmpl-" + HexFormat.of().formatHex(bytes);
    }

    static String finishReason(FinishReason reason) {
        return reason.name().toLowerCase(Locale.ROOT);
    }
}
