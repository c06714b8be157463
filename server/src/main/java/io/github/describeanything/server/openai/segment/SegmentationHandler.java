package io.github.describeanything.server.openai.segment;

import io.github.describeanything.server.http.BodyReader;
import io.github.describeanything.server.http.ClientWatch;
import io.github.describeanything.server.http.Json;
import io.github.describeanything.server.http.RequestBody;
import io.github.describeanything.server.openai.segment.SegmentationReader.OfPicture;
import io.github.describeanything.server.openai.segment.SegmentationReader.OfVideo;
import io.github.describeanything.server.operations.RequestRecord;
import io.github.describeanything.server.service.ClickedRegion;
import io.github.describeanything.server.service.SegmentedFrame;
import io.github.describeanything.server.service.Segments;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Answers segmentation requests. Thread-safe; each request stays on its own virtual thread. */
public final class SegmentationHandler implements Handler {
    private final Optional<Segments> segments;
    private final SegmentationReader reader;
    private final BodyReader bodies;
    private final Duration keepAlive;

    /**
     * @param segments empty if the server has no segmenter
     * @param keepAlive interval of comments on a stream without events
     */
    public SegmentationHandler(
            Optional<Segments> segments, SegmentationReader reader, BodyReader bodies, Duration keepAlive) {
        this.segments = segments;
        this.reader = reader;
        this.bodies = bodies;
        this.keepAlive = keepAlive;
    }

    @Override
    public void handle(Context ctx) throws IOException, InterruptedException {
        RequestRecord.of(ctx).segmentation();
        Segments service = segments.orElseThrow(() -> ClickedRegion.withoutSegmenter("prompts"));
        // Before the body is read: refusals must stay cheap under overload.
        service.requireRoom();
        OfPicture picture;
        try (RequestBody body = bodies.read(ctx.req())) {
            switch (reader.read(body.json())) {
                case OfPicture it -> picture = it;
                case OfVideo it -> {
                    // Within the body's budget, because the frames stay in memory until the last one is tracked.
                    video(ctx, service, it);
                    return;
                }
            }
        }
        whole(ctx, () -> SegmentationBody.of(service.answer(picture.command()), picture.objects()));
    }

    private void video(Context ctx, Segments service, OfVideo request) throws IOException, InterruptedException {
        if (!request.stream()) {
            whole(ctx, () -> tracked(service, request));
            return;
        }
        try (var stream = new FrameStream(service, request.command(), keepAlive)) {
            stream.send(ctx, RequestRecord.of(ctx));
        }
    }

    private static SegmentationBody tracked(Segments service, OfVideo request) {
        var frames = new TreeMap<Integer, SegmentedFrame>();
        service.track(request.command(), it -> frames.put(it.frame(), it));
        return SegmentationBody.of(frames, request.command().objects());
    }

    private static void whole(Context ctx, Supplier<SegmentationBody> work) {
        var watch = ClientWatch.over(ctx.req(), Thread.currentThread()::interrupt);
        SegmentationBody body;
        try {
            body = work.get();
        } finally {
            watch.close();
            if (watch.dirty()) {
                ctx.header("Connection", "close");
            }
            // Set if the client disconnected just after the answer: writing will notice.
            Thread.interrupted();
        }
        ctx.contentType("application/json").result(Json.MAPPER.writeValueAsBytes(body));
    }
}
