package io.github.describeanything.server.openai.segment;

import io.github.describeanything.model.api.BusyException;
import io.github.describeanything.server.errors.ErrorBody;
import io.github.describeanything.server.errors.ErrorMapper;
import io.github.describeanything.server.http.ClientWatch;
import io.github.describeanything.server.http.SseWriter;
import io.github.describeanything.server.operations.RequestRecord;
import io.github.describeanything.server.service.SegmentedFrame;
import io.github.describeanything.server.service.Segments;
import io.github.describeanything.server.service.TrackCommand;
import io.javalin.http.Context;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Sends the frames of a video as they are tracked. Used by one thread; another one tracks. An error before the first frame is
 * thrown, so that it gets a status of its own.
 */
final class FrameStream implements AutoCloseable {
    private static final Duration LONG = Duration.ofDays(1);

    private final Duration keepAlive;
    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final Thread tracker;

    /** What the tracking thread reports, or that it has not for a while. */
    private sealed interface Event {
        record Frame(SegmentedFrame frame) implements Event {}

        record Failed(RuntimeException cause) implements Event {}

        record End() implements Event {}

        record Idle() implements Event {}
    }

    FrameStream(Segments segments, TrackCommand command, Duration keepAlive) {
        this.keepAlive = keepAlive;
        tracker = Thread.startVirtualThread(() -> {
            try {
                segments.track(command, it -> events.add(new Event.Frame(it)));
                events.add(new Event.End());
            } catch (RuntimeException e) {
                events.add(new Event.Failed(e));
            } catch (OutOfMemoryError e) {
                events.add(new Event.Failed(BusyException.outOfMemory()));
            }
        });
    }

    void send(Context ctx, RequestRecord record) throws IOException, InterruptedException {
        Event first = first(ctx);
        if (first instanceof Event.Failed failed) {
            throw failed.cause();
        }
        try {
            var out = new SseWriter(ctx.res());
            for (Event event = first; !(event instanceof Event.End); event = next(keepAlive)) {
                switch (event) {
                    case Event.Frame it -> out.event(FrameEventBody.of(it.frame()));
                    case Event.Failed failed -> {
                        record.failed();
                        out.event(ErrorBody.of(ErrorMapper.map(failed.cause())));
                        events.add(new Event.End());
                    }
                    case Event.Idle ignored -> out.comment();
                    case Event.End ignored -> throw new IllegalStateException("past the end");
                }
            }
            out.done();
        } catch (IOException e) {
            record.clientDisconnected();
        }
    }

    private Event first(Context ctx) throws InterruptedException {
        var watch = ClientWatch.over(ctx.req(), tracker::interrupt);
        try {
            return next(LONG);
        } finally {
            watch.close();
            if (watch.dirty()) {
                ctx.header("Connection", "close");
            }
        }
    }

    private Event next(Duration patience) throws InterruptedException {
        return Optional.ofNullable(events.poll(patience.toNanos(), TimeUnit.NANOSECONDS))
                .orElseGet(Event.Idle::new);
    }

    /** Ends the tracking. */
    @Override
    public void close() {
        tracker.interrupt();
    }
}
