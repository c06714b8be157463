package io.github.describeanything.server.openai.segment;

import io.github.describeanything.server.http.BodyReader;
import io.github.describeanything.server.http.ClientWatch;
import io.github.describeanything.server.http.Json;
import io.github.describeanything.server.http.RequestBody;
import io.github.describeanything.server.operations.RequestRecord;
import io.github.describeanything.server.service.ClickedRegion;
import io.github.describeanything.server.service.SegmentedPicture;
import io.github.describeanything.server.service.Segments;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.io.IOException;
import java.util.Optional;

/** Answers segmentation requests. Thread-safe; each request stays on its own virtual thread. */
public final class SegmentationHandler implements Handler {
    private final Optional<Segments> segments;
    private final SegmentationReader reader;
    private final BodyReader bodies;

    /** @param segments empty if the server has no segmenter */
    public SegmentationHandler(Optional<Segments> segments, SegmentationReader reader, BodyReader bodies) {
        this.segments = segments;
        this.reader = reader;
        this.bodies = bodies;
    }

    @Override
    public void handle(Context ctx) throws IOException {
        RequestRecord.of(ctx).segmentation();
        Segments service = segments.orElseThrow(() -> ClickedRegion.withoutSegmenter("prompts"));
        // Before the body is read: refusals must stay cheap under overload.
        service.requireRoom();
        SegmentationReader.Request request;
        try (RequestBody body = bodies.read(ctx.req())) {
            request = reader.read(body.json());
        }
        var watch = ClientWatch.over(ctx.req(), Thread.currentThread()::interrupt);
        SegmentedPicture picture;
        try {
            picture = service.answer(request.command());
        } finally {
            watch.close();
            if (watch.dirty()) {
                ctx.header("Connection", "close");
            }
            // Set if the client disconnected just after the answer: writing will notice.
            Thread.interrupted();
        }
        ctx.contentType("application/json")
                .result(Json.MAPPER.writeValueAsBytes(SegmentationBody.of(picture, request.objects())));
    }
}
