package io.github.describeanything.server.service;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.Segmenter;
import io.github.describeanything.model.Tracking;
import io.github.describeanything.model.TrackingOptions;
import io.github.describeanything.model.api.BusyException;
import io.github.describeanything.model.api.RequestException;
import io.github.describeanything.model.segment.Direction;
import io.github.describeanything.model.segment.EmbeddedPicture;
import io.github.describeanything.model.segment.FramePrompt;
import io.github.describeanything.model.segment.PictureSize;
import io.github.describeanything.model.segment.TrackedFrame;
import io.github.describeanything.server.errors.ApiException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/** Follows things through the frames of a request: forward, then backward. Thread-safe; waits on the caller's thread. */
final class VideoTracker {
    private final DescribeAnything model;
    private final Segmenter segmenter;

    /** @param model whose workers decode frames */
    VideoTracker(DescribeAnything model, Segmenter segmenter) {
        this.model = model;
        this.segmenter = segmenter;
    }

    /**
     * Passes each frame to the sink as soon as it is tracked.
     *
     * @throws ApiException naming the field that cannot be used
     * @throws BusyException if enough videos are being tracked or the segmenter is closing
     * @throws CancellationException if the calling thread is interrupted
     */
    void track(List<RequestPicture> frames, List<MarkedThing> marks, boolean fillHoles, FrameSink sink) {
        try (Tracking video = segmenter.tracking(frames.size(), new TrackingOptions(fillHoles, false))) {
            var run = new Run(video, frames);
            marks.forEach(run::mark);
            run.passes(sink);
        }
    }

    private final class Run {
        private final Tracking video;
        private final List<RequestPicture> frames;
        private Optional<PictureSize> size = Optional.empty();

        Run(Tracking video, List<RequestPicture> frames) {
            this.video = video;
            this.frames = frames;
        }

        void mark(MarkedThing thing) {
            RequestPicture frame = frames.get(thing.frame());
            try (EmbeddedPicture picture = embedded(frame)) {
                video.prompt(picture, prompt(thing, frame, new PictureSize(picture.width(), picture.height())));
            } catch (RequestException e) {
                throw thing.source() instanceof ClickedRegion clicked ? clicked.refused(e) : e;
            }
        }

        private FramePrompt prompt(MarkedThing thing, RequestPicture frame, PictureSize size) {
            if (thing.source() instanceof ClickedRegion clicked) {
                return FramePrompt.of(
                        thing.frame(), thing.object(), clicked.clicks().on(size.width(), size.height()));
            }
            Mask mask = model.onWorker(() -> thing.source().maskFor(frame.picture()));
            return FramePrompt.of(thing.frame(), thing.object(), mask);
        }

        void passes(FrameSink sink) {
            List<Integer> forward = video.pass(Direction.FORWARD);
            List<Integer> backward = video.pass(Direction.BACKWARD);
            int visits = forward.size() + backward.size();
            int visit = 0;
            for (int frame : forward) {
                sink.frame(visit(frame, Direction.FORWARD), visit++, visits);
            }
            for (int frame : backward) {
                sink.frame(visit(frame, Direction.BACKWARD), visit++, visits);
            }
        }

        private TrackedFrame visit(int frame, Direction direction) {
            if (!video.tracks(frame)) {
                return video.visit(frame, direction);
            }
            try (EmbeddedPicture picture = embedded(frames.get(frame))) {
                return video.visit(frame, direction, picture);
            }
        }

        private EmbeddedPicture embedded(RequestPicture frame) {
            EmbeddedPicture picture = video.find(frame.digest())
                    .orElseGet(() -> video.embed(frame.digest(), model.onWorker(frame::picture)));
            var own = new PictureSize(picture.width(), picture.height());
            PictureSize others = size.orElse(own);
            size = Optional.of(others);
            if (!own.equals(others)) {
                picture.close();
                throw frame.otherSize(own.width(), own.height(), others.width(), others.height());
            }
            return picture;
        }
    }
}
