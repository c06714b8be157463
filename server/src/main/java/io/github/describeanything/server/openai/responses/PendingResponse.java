package io.github.describeanything.server.openai.responses;

import io.github.describeanything.model.api.GenerationEvent;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.openai.RegionBody;
import io.github.describeanything.server.openai.WireId;
import io.github.describeanything.server.openai.responses.ResponseBody.State;
import io.github.describeanything.server.openai.responses.ResponseBody.TokenUsage;
import io.github.describeanything.server.service.Ticket;
import java.util.List;
import java.util.stream.IntStream;

/** A response in progress, with one item per region in order. Used by one thread. */
final class PendingResponse {
    private final String id = WireId.random("resp_");
    private final long createdAt = System.currentTimeMillis() / 1000;
    private final ResponseWriter writer;
    private final String model;
    private final List<OutputItem> items;

    PendingResponse(ResponseWriter writer, Ticket ticket) {
        this.writer = writer;
        this.model = ticket.model();
        this.items = IntStream.range(0, ticket.choices())
                .mapToObj(i -> new OutputItem(RegionBody.of(writer.regionIds(), ticket, i), ticket.task(i)))
                .toList();
    }

    OutputItem item(int index) {
        return items.get(index);
    }

    int size() {
        return items.size();
    }

    /** Before the first item. */
    ResponseBody begun() {
        return body(State.IN_PROGRESS, List.of());
    }

    /** After the last item. */
    ResponseBody ended() {
        TokenUsage usage = TokenUsage.of(items.stream()
                .map(it -> it.end().orElseThrow())
                .map(GenerationEvent.Finished::usage)
                .toList());
        boolean cut = items.stream().anyMatch(OutputItem::cut);
        return body(cut ? State.incomplete(usage) : State.completed(usage), items);
    }

    /** With the completed items only. */
    ResponseBody failed(ApiException error) {
        return body(
                State.failed(error),
                items.stream().filter(it -> it.end().isPresent()).toList());
    }

    private ResponseBody body(State state, List<OutputItem> output) {
        return new ResponseBody(
                id,
                ResponseBody.OBJECT,
                createdAt,
                model,
                state,
                output.stream().map(OutputItem::message).toList(),
                writer.echoed().byName());
    }
}
