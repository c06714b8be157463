package io.github.describeanything.server.openai.chat;

import io.github.describeanything.model.api.GenerationEvent;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.errors.ErrorBody;
import io.github.describeanything.server.http.Json;
import io.github.describeanything.server.http.SseWriter;
import io.github.describeanything.server.openai.LogprobsBody;
import io.github.describeanything.server.openai.RegionBody;
import io.github.describeanything.server.openai.UsageBody;
import io.github.describeanything.server.openai.WireId;
import io.github.describeanything.server.openai.WireWriter;
import io.github.describeanything.server.service.Ticket;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

/** Streams a chat completion in chunks. Used by one thread. */
final class StreamedChat implements WireWriter.Streamed {
    private final ChatWriter writer;
    private final Ticket ticket;
    private final SseWriter out;
    private final String id = WireId.random("chatcmpl-");
    private final long created = System.currentTimeMillis() / 1000;
    private final boolean[] begun;
    private final GenerationEvent.Finished[] ends;

    StreamedChat(ChatWriter writer, Ticket ticket, SseWriter out) {
        this.writer = writer;
        this.ticket = ticket;
        this.out = out;
        this.begun = new boolean[ticket.choices()];
        this.ends = new GenerationEvent.Finished[ticket.choices()];
    }

    @Override
    public void delta(int choice, GenerationEvent.Delta delta) throws IOException {
        var logprobs = LogprobsBody.of(writer.logprobs(), delta.logprobs());
        out.event(chunk(choice, Optional.of(delta.text()), logprobs, Optional.empty()));
    }

    @Override
    public void finished(int choice, GenerationEvent.Finished end) throws IOException {
        ends[choice] = end;
        // An answer without tokens still needs a delta with text, because the complete answer has empty content.
        Optional<String> text = begun[choice] ? Optional.empty() : Optional.of("");
        var reason = Optional.of(ChatWriter.finishReason(end.reason()));
        out.event(chunk(choice, text, Optional.empty(), reason));
    }

    @Override
    public void idle() throws IOException {
        out.comment(ticket.queued());
    }

    @Override
    public void end() throws IOException {
        if (writer.includeUsage()) {
            var usages =
                    Arrays.stream(ends).map(GenerationEvent.Finished::usage).toList();
            out.event(chunk(List.of(), Json.MAPPER.valueToTree(UsageBody.of(usages, ticket.n()))));
        }
        out.done();
    }

    @Override
    public void fail(ApiException error) throws IOException {
        out.event(ErrorBody.of(error));
        out.done();
    }

    /** The first chunk of a choice carries the role and the region. */
    private ChatChunk chunk(
            int choice, Optional<String> text, Optional<LogprobsBody> logprobs, Optional<String> finishReason) {
        boolean first = !begun[choice];
        begun[choice] = true;
        Optional<String> role = first ? Optional.of(ChatWriter.ROLE) : Optional.empty();
        Optional<RegionBody> region = first ? writer.region(choice, ticket) : Optional.empty();
        Optional<String> task = first ? ticket.task(choice) : Optional.empty();
        Object delta = writer.listDeltas()
                ? new ChatChunk.PartsDelta(role, text.map(it -> List.of(new ChatChunk.Part("text", it))))
                : new ChatChunk.Delta(role, text);
        return chunk(
                List.of(new ChatChunk.Choice(choice, region, task, delta, logprobs, finishReason)),
                NullNode.getInstance());
    }

    /** If requested, the usage is null until the last chunk; otherwise it is absent. */
    private ChatChunk chunk(List<ChatChunk.Choice> choices, JsonNode usage) {
        Optional<JsonNode> shown = writer.includeUsage() ? Optional.of(usage) : Optional.empty();
        return new ChatChunk(id, ChatChunk.OBJECT, created, ticket.model(), choices, shown);
    }
}
