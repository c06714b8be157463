package io.github.describeanything.server.openai.responses;

import io.github.describeanything.model.api.GenerationEvent;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.http.SseWriter;
import io.github.describeanything.server.openai.WireWriter;
import io.github.describeanything.server.openai.responses.OutputMessage.OutputText;
import io.github.describeanything.server.service.Ticket;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Writes a response as events. Used by one thread.
 *
 * <p>Items are written one after the other, as clients expect: text of a later region is held back until the regions before
 * it are complete.
 */
final class StreamedResponse implements WireWriter.Streamed {
    /** While text is held back, comments at this interval detect disconnected clients. */
    private static final long SILENCE_NANOS = Duration.ofSeconds(1).toNanos();

    private final PendingResponse response;
    private final Ticket ticket;
    private final SseWriter out;
    private int sequence;
    private int current;
    private boolean open;
    private long lastWrite = System.nanoTime();

    StreamedResponse(PendingResponse response, Ticket ticket, SseWriter out) {
        this.response = response;
        this.ticket = ticket;
        this.out = out;
    }

    @Override
    public void begin() throws IOException {
        ResponseBody begun = response.begun();
        write(new ResponseEvent.OfResponse("response.created", sequence++, begun));
        write(new ResponseEvent.OfResponse("response.in_progress", sequence++, begun));
    }

    @Override
    public void delta(int choice, GenerationEvent.Delta delta) throws IOException {
        response.item(choice).add(delta);
        if (choice == current) {
            writeMore(response.item(current));
        } else if (System.nanoTime() - lastWrite > SILENCE_NANOS) {
            idle();
        }
    }

    @Override
    public void finished(int choice, GenerationEvent.Finished end) throws IOException {
        response.item(choice).finish(end);
        while (current < response.size() && response.item(current).end().isPresent()) {
            writeMore(response.item(current));
            close(response.item(current));
            current++;
        }
        if (current < response.size() && response.item(current).hasMore()) {
            writeMore(response.item(current));
        }
    }

    /** Starts the item with its first text. */
    private void writeMore(OutputItem item) throws IOException {
        if (!open) {
            open = true;
            write(new ResponseEvent.OfItem("response.output_item.added", sequence++, current, item.opened()));
            write(part("response.content_part.added", item, OutputText.of("", List.of())));
        }
        if (item.hasMore()) {
            OutputText more = item.more();
            write(new ResponseEvent.Delta(
                    "response.output_text.delta", sequence++, item.id(), current, 0, more.text(), more.logprobs()));
        }
    }

    private void close(OutputItem item) throws IOException {
        OutputText all = item.content();
        write(new ResponseEvent.Done(
                "response.output_text.done", sequence++, item.id(), current, 0, all.text(), all.logprobs()));
        write(part("response.content_part.done", item, all));
        write(new ResponseEvent.OfItem("response.output_item.done", sequence++, current, item.message()));
        open = false;
    }

    private ResponseEvent part(String type, OutputItem item, OutputText part) {
        return new ResponseEvent.OfPart(type, sequence++, item.id(), current, 0, part);
    }

    @Override
    public void idle() throws IOException {
        out.comment(ticket.queued());
        lastWrite = System.nanoTime();
    }

    @Override
    public void end() throws IOException {
        ResponseBody ended = response.ended();
        write(new ResponseEvent.OfResponse("response." + ended.state().status(), sequence++, ended));
    }

    @Override
    public void fail(ApiException error) throws IOException {
        write(new ResponseEvent.Failed("error", sequence++, error.code(), error.getMessage(), error.param()));
        write(new ResponseEvent.OfResponse("response.failed", sequence++, response.failed(error)));
    }

    private void write(ResponseEvent event) throws IOException {
        out.event(event.type(), event);
        lastWrite = System.nanoTime();
    }
}
