package io.github.describeanything.server.openai.segment;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.errors.ErrorBody;
import io.github.describeanything.server.http.SseWriter;
import io.github.describeanything.server.openai.RleBody;
import io.github.describeanything.server.openai.segment.SegmentationBody.FrameMaskBody;
import io.github.describeanything.server.service.TrackSink;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Streams the masks of a video, an event a frame. Used by one thread. */
final class StreamedTracking implements TrackSink {
    private final HttpServletResponse response;
    private final List<Integer> objects;
    private final Runnable begins;
    private Optional<SseWriter> out = Optional.empty();

    /**
     * @param objects the client's numbers of the things, in the order of the answer
     * @param begins runs before the first event
     */
    StreamedTracking(HttpServletResponse response, List<Integer> objects, Runnable begins) {
        this.response = response;
        this.objects = List.copyOf(objects);
        this.begins = begins;
    }

    /** Whether errors have to be events. */
    boolean begun() {
        return out.isPresent();
    }

    private SseWriter out() {
        return out.orElseThrow();
    }

    @Override
    public void begin(Frames frames) throws IOException {
        begins.run();
        out = Optional.of(new SseWriter(response));
        out().event(new TrackingBody.BeginBody("segmentation.video", TrackingBody.VideoBody.of(frames)));
    }

    @Override
    public void frame(String pass, int frame, List<Found> things) throws IOException {
        List<TrackingBody.ThingBody> bodies = things.stream()
                .map(it -> new TrackingBody.ThingBody(
                        objects.indexOf(it.object()),
                        it.object(),
                        List.of(new FrameMaskBody(frame, RleBody.of(it.mask()), it.score()))))
                .toList();
        out().event(new TrackingBody.FrameBody("segmentation.frame", pass, frame, bodies));
    }

    void end() throws IOException {
        out().done();
    }

    void fail(ApiException error) throws IOException {
        out().event(ErrorBody.of(error));
        out().done();
    }
}
