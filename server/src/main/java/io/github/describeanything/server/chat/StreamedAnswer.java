package io.github.describeanything.server.chat;

import io.github.describeanything.model.BusyException;
import io.github.describeanything.model.GenerationEvent;
import io.github.describeanything.server.Json;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.errors.ErrorBody;
import io.github.describeanything.server.errors.ErrorMapper;
import io.github.describeanything.server.operations.Exchange;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

/** Writes an answer as it comes. Used by one thread. */
final class StreamedAnswer {
    private final ChatCompletions.Head head;
    private final Exchange exchange;
    private final Duration keepAlive;
    private final boolean lists;
    private final boolean[] begun;
    private final GenerationEvent.Finished[] ends;

    /**
     * @param keepAlive after how much silence a comment is sent
     * @param lists whether deltas are lists of parts rather than strings
     */
    StreamedAnswer(ChatCompletions.Head head, Exchange exchange, Duration keepAlive, boolean lists) {
        this.head = head;
        this.exchange = exchange;
        this.keepAlive = keepAlive;
        this.lists = lists;
        this.begun = new boolean[head.choices()];
        this.ends = new GenerationEvent.Finished[head.choices()];
    }

    /** Writes until all generations ended or the client left. */
    void write(Events events, HttpServletResponse response) throws IOException, InterruptedException {
        var out = new SseWriter(response);
        try {
            while (events.open()) {
                Optional<Events.Indexed> next = events.poll(keepAlive);
                if (next.isPresent()) {
                    write(next.get(), out);
                } else {
                    out.comment();
                }
            }
            if (head.includeUsage()) {
                out.event(chunk(List.of(), Json.MAPPER.valueToTree(usage())));
            }
        } catch (Broken e) {
            exchange.failed();
            out.event(ErrorBody.of(e.error));
        } catch (IOException e) {
            exchange.clientLeft();
            return;
        }
        out.done();
    }

    private void write(Events.Indexed next, SseWriter out) throws IOException {
        int index = next.index();
        switch (next.event()) {
            case GenerationEvent.Delta delta -> {
                exchange.delta(index);
                var logprobs = Answers.logprobs(head.logprobs(), delta.logprobs());
                out.event(choice(index, Optional.of(delta.text()), logprobs, Optional.empty()));
            }
            case GenerationEvent.Finished end -> {
                exchange.finished(end, head.opens(index));
                ends[index] = end;
                var reason = Optional.of(Answers.finishReason(end.reason()));
                // An answer without a word is an empty text, as it is when told whole; without a delta it would be
                // none.
                Optional<String> text = begun[index] ? Optional.empty() : Optional.of("");
                out.event(choice(index, text, Optional.empty(), reason));
            }
            case GenerationEvent.Failed failed -> throw new Broken(ErrorMapper.map(failed.cause()));
            case GenerationEvent.Cancelled ignored -> throw new Broken(ErrorMapper.map(BusyException.closing()));
        }
    }

    /** The first chunk of a choice carries the role and the region. */
    private ChatChunk choice(
            int index, Optional<String> text, Optional<LogprobsBody> logprobs, Optional<String> finishReason) {
        Optional<String> role = begun[index] ? Optional.empty() : Optional.of(ChatCompletions.role());
        Optional<RegionBody> region = begun[index] ? Optional.empty() : head.region(index);
        begun[index] = true;
        Object delta = lists
                ? new ChatChunk.PartsDelta(role, text.map(it -> List.of(new ChatChunk.Part("text", it))))
                : new ChatChunk.Delta(role, text);
        return chunk(
                List.of(new ChatChunk.Choice(index, region, delta, logprobs, finishReason)), NullNode.getInstance());
    }

    private UsageBody usage() {
        var usages = Arrays.stream(ends).map(GenerationEvent.Finished::usage).toList();
        return Answers.usage(usages, head.n());
    }

    private ChatChunk chunk(List<ChatChunk.Choice> choices, JsonNode usage) {
        Optional<JsonNode> shown = head.includeUsage() ? Optional.of(usage) : Optional.empty();
        return new ChatChunk(head.id(), ChatChunk.OBJECT, head.created(), head.model(), choices, shown);
    }

    /** The answer cannot go on. */
    private static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final transient ApiException error;

        Broken(ApiException error) {
            super(null, null, false, false);
            this.error = error;
        }
    }
}
