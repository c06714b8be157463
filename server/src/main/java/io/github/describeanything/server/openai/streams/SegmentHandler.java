package io.github.describeanything.server.openai.streams;

import io.github.describeanything.server.http.Json;
import io.github.describeanything.server.openai.WireId;
import io.github.describeanything.server.service.VideoStreams;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.util.Map;
import java.util.function.Function;

/**
 * Handles requests about streams. Thread-safe. A segment reserves its stream before its body is read, so that it sees what the
 * one before it left.
 *
 * @param segment answers a segment that has its turn
 */
public record SegmentHandler(VideoStreams streams, Function<VideoStreams.Turn, Handler> segment) {
    private static final String ID = "id";

    /** The first segment. */
    public void open(Context ctx) throws Exception {
        try (VideoStreams.Turn turn = streams.open(WireId.random("vs_"))) {
            segment.apply(turn).handle(ctx);
        }
    }

    /** A further segment of the stream in the path. */
    public void next(Context ctx) throws Exception {
        try (VideoStreams.Turn turn = streams.next(ctx.pathParam(ID))) {
            segment.apply(turn).handle(ctx);
        }
    }

    /** Ends the stream in the path. */
    public void delete(Context ctx) {
        String id = ctx.pathParam(ID);
        streams.remove(id);
        ctx.contentType("application/json").result(Json.MAPPER.writeValueAsBytes(Map.of(ID, id, "deleted", true)));
    }
}
