package io.github.describeanything.server.openai;

import io.github.describeanything.model.api.RequestException;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.errors.ErrorMapper;
import io.github.describeanything.server.http.BodyReader;
import io.github.describeanything.server.http.ClientWatch;
import io.github.describeanything.server.http.Json;
import io.github.describeanything.server.http.RequestBody;
import io.github.describeanything.server.http.SseWriter;
import io.github.describeanything.server.operations.RequestRecord;
import io.github.describeanything.server.service.Describe;
import io.github.describeanything.server.service.DescribeCommand;
import io.github.describeanything.server.service.Ticket;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.io.IOException;
import java.time.Duration;

/** Handles requests of one wire form. Thread-safe; each request runs on its own virtual thread. */
public final class AnswerHandler implements Handler {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final Describe describe;
    private final WireReader reader;
    private final BodyReader bodies;
    private final Duration keepAlive;

    /** @param keepAlive interval of comments on a stream without events */
    public AnswerHandler(Describe describe, WireReader reader, BodyReader bodies, Duration keepAlive) {
        this.describe = describe;
        this.reader = reader;
        this.bodies = bodies;
        this.keepAlive = keepAlive;
    }

    @Override
    public void handle(Context ctx) throws IOException, InterruptedException {
        RequestRecord record = RequestRecord.of(ctx);
        describe.names().only().ifPresent(record::model);
        // Before the body is read, so that refusals are cheap under overload.
        describe.requireRoom();
        Started started = start(ctx);
        record.accepted();
        try (Ticket ticket = started.ticket()) {
            if (started.stream()) {
                stream(ticket, started.writer(), record, ctx);
            } else {
                whole(ticket, started.writer(), record, ctx);
            }
        }
    }

    private record Started(Ticket ticket, boolean stream, WireWriter writer) {}

    /** Drops the body before the answer starts: an answer may wait long, and pictures are large. */
    private Started start(Context ctx) throws IOException {
        try (RequestBody body = bodies.read(ctx.req())) {
            WireRequest request = reader.read(body.json());
            return new Started(start(request.command(), ctx), request.stream(), request.writer());
        }
    }

    /** Preparing pictures can take long; a disconnect interrupts it. */
    private Ticket start(DescribeCommand command, Context ctx) {
        var watch = ClientWatch.over(ctx.req(), Thread.currentThread()::interrupt);
        try {
            RequestRecord.of(ctx).model(describe.model(command));
            return describe.start(command);
        } catch (ApiException | RequestException e) {
            throw named(ErrorMapper.map(e));
        } finally {
            close(watch, ctx);
            // Set if the client disconnected just after the start: writing or watching will detect it.
            Thread.interrupted();
        }
    }

    /** The same error, with the field at fault as the wire form calls it. */
    private ApiException named(ApiException error) {
        return error.at(error.param().map(reader::field).orElse(""));
    }

    private void stream(Ticket ticket, WireWriter writer, RequestRecord record, Context ctx)
            throws IOException, InterruptedException {
        var out = new SseWriter(ctx.res());
        WireWriter.Streamed answer = writer.stream(ticket, out);
        try {
            try {
                answer.begin();
                ticket.deliver(record.recording(answer, ticket.n()), keepAlive);
                answer.end();
            } catch (RuntimeException e) {
                record.failed();
                answer.fail(ErrorMapper.map(e));
            }
        } catch (IOException e) {
            record.clientDisconnected();
        } finally {
            answer.close();
        }
    }

    private static void whole(Ticket ticket, WireWriter writer, RequestRecord record, Context ctx)
            throws IOException, InterruptedException {
        WireWriter.Whole answer = writer.whole(ticket);
        var watch = ClientWatch.over(ctx.req(), ticket::cancel);
        try {
            ticket.deliver(record.recording(answer, ticket.n()), LONG);
        } finally {
            close(watch, ctx);
        }
        ctx.contentType("application/json").result(Json.MAPPER.writeValueAsBytes(answer.body()));
    }

    private static void close(ClientWatch watch, Context ctx) {
        watch.close();
        if (watch.dirty()) {
            ctx.header("Connection", "close");
        }
    }
}
