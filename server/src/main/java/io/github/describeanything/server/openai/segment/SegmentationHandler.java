package io.github.describeanything.server.openai.segment;

import io.github.describeanything.server.errors.ErrorMapper;
import io.github.describeanything.server.http.BodyReader;
import io.github.describeanything.server.http.ClientWatch;
import io.github.describeanything.server.http.Json;
import io.github.describeanything.server.http.RequestBody;
import io.github.describeanything.server.openai.RegionsReader;
import io.github.describeanything.server.operations.RequestRecord;
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
        Segments service = segments.orElseThrow(() -> RegionsReader.withoutSegmenter("prompts"));
        // Before the body is read: refusals must stay cheap under overload.
        service.requireRoom();
        SegmentationReader.Request request;
        try (RequestBody body = bodies.read(ctx.req())) {
            request = reader.read(body.json());
        }
        switch (request) {
            case SegmentationReader.OfPicture it -> picture(service, it, ctx);
            case SegmentationReader.OfVideo it when it.stream() -> stream(service, it, ctx);
            case SegmentationReader.OfVideo it -> video(service, it, ctx);
        }
    }

    private static void picture(Segments service, SegmentationReader.OfPicture request, Context ctx) {
        SegmentedPicture picture = watched(ctx, () -> service.answer(request.command()));
        json(ctx, SegmentationBody.of(picture, request.objects()));
    }

    private static void video(Segments service, SegmentationReader.OfVideo request, Context ctx) throws IOException {
        var masks = new WholeTracking(request.objects());
        watched(ctx, () -> {
            service.track(request.command(), masks);
            return masks;
        });
        json(ctx, masks.body());
    }

    /** Until the first event a watch notices that the client disconnects, then writing does. */
    private static void stream(Segments service, SegmentationReader.OfVideo request, Context ctx) throws IOException {
        var watch = ClientWatch.over(ctx.req(), Thread.currentThread()::interrupt);
        var masks = new StreamedTracking(ctx.res(), request.objects(), () -> close(watch, ctx));
        RequestRecord record = RequestRecord.of(ctx);
        try {
            service.track(request.command(), masks);
            masks.end();
        } catch (RuntimeException e) {
            if (!masks.begun()) {
                throw e;
            }
            record.failed();
            masks.fail(ErrorMapper.map(e));
        } catch (IOException e) {
            record.clientDisconnected();
        } finally {
            close(watch, ctx);
        }
    }

    /** What a request does until its answer is complete. */
    private interface Work<T, E extends Exception> {
        T run() throws E;
    }

    private static <T, E extends Exception> T watched(Context ctx, Work<T, E> work) throws E {
        var watch = ClientWatch.over(ctx.req(), Thread.currentThread()::interrupt);
        try {
            return work.run();
        } finally {
            close(watch, ctx);
        }
    }

    private static void close(ClientWatch watch, Context ctx) {
        watch.close();
        if (watch.dirty()) {
            ctx.header("Connection", "close");
        }
        // Set if the client disconnected just after the answer: writing will notice.
        Thread.interrupted();
    }

    private static void json(Context ctx, Object body) {
        ctx.contentType("application/json").result(Json.MAPPER.writeValueAsBytes(body));
    }
}
