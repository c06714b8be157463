package io.github.describeanything.server.service;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.Segmenter;
import io.github.describeanything.model.Tracking;
import io.github.describeanything.model.TrackingOptions;
import io.github.describeanything.model.api.RequestException;
import io.github.describeanything.model.segment.Direction;
import io.github.describeanything.model.segment.EmbeddedPicture;
import io.github.describeanything.model.segment.FramePrompt;
import io.github.describeanything.model.segment.TrackedFrame;
import io.github.describeanything.server.errors.ApiException;
import java.util.List;
import java.util.Optional;

/** Follows things through the frames of a clip. Thread-safe; blocks. */
final class Tracks {
    private final DescribeAnything model;
    private final Segmenter segmenter;

    Tracks(DescribeAnything model, Segmenter segmenter) {
        this.model = model;
        this.segmenter = segmenter;
    }

    /** A mark of a thing. @param object the thing's number */
    record Prompt(int object, int frame, Mark mark) {}

    /** Takes the frames of a pass one by one. @param <E> what it throws */
    interface Sink<E extends Exception> {
        /** All prompts are valid. */
        void begin() throws E;

        void frame(Direction pass, TrackedFrame frame) throws E;
    }

    /**
     * Tracks forward from the first prompt, then back from it, through frames that are all loaded. A frame that is visited twice counts as in the second visit.
     *
     * @param prompts at most one a thing and frame
     * @throws ApiException naming the mark that cannot be used
     */
    <E extends Exception> void follow(Clip clip, List<Prompt> prompts, boolean fillHoles, Sink<E> sink) throws E {
        if (prompts.stream().map(Prompt::object).distinct().count() > Tracking.MAX_OBJECTS) {
            String param = prompts.getFirst().mark.path().replaceFirst("\\[.*", "");
            throw ApiException.badValue(
                    param, "%s: at most %d things can be tracked at once".formatted(param, Tracking.MAX_OBJECTS));
        }
        try (Tracking tracking = segmenter.tracking(clip.frames(), new TrackingOptions(fillHoles, false))) {
            // Tracking takes long and has a limit of its own.
            clip.loaded();
            for (Prompt prompt : prompts) {
                mark(tracking, clip.picture(prompt.frame), prompt);
            }
            sink.begin();
            for (Direction pass : Direction.values()) {
                for (int frame : tracking.pass(pass)) {
                    sink.frame(pass, visited(tracking, clip, frame, pass));
                }
            }
        }
    }

    private void mark(Tracking tracking, RequestPicture picture, Prompt prompt) {
        Mark mark = prompt.mark;
        Optional<Clicks> clicks = mark.source().clicks();
        try (EmbeddedPicture embedded = embedded(tracking, picture)) {
            FramePrompt given;
            if (clicks.isPresent()) {
                var prompted = clicks.get().on(embedded.width(), embedded.height());
                given = FramePrompt.of(prompt.frame, prompt.object, prompted);
            } else {
                Mask mask = model.onWorker(() -> mark.source().maskFor(picture.picture()));
                given = FramePrompt.of(prompt.frame, prompt.object, mask);
            }
            if (tracking.prompt(embedded, given).mask().box().isEmpty()) {
                throw ApiException.badRequest(
                        mark.path(),
                        "empty_mask",
                        mark.path() + ": the segmenter found nothing there; mark the thing itself");
            }
        } catch (RequestException e) {
            throw ApiException.badRequest(
                    mark.path() + "." + e.param(), e.code(), mark.path() + "." + e.getMessage());
        }
    }

    private TrackedFrame visited(Tracking tracking, Clip clip, int frame, Direction pass) {
        if (!tracking.tracks(frame)) {
            return tracking.visit(frame, pass);
        }
        try (EmbeddedPicture embedded = embedded(tracking, clip.picture(frame))) {
            return tracking.visit(frame, pass, embedded);
        }
    }

    private EmbeddedPicture embedded(Tracking tracking, RequestPicture picture) {
        return tracking.find(picture.digest())
                .orElseGet(() -> tracking.embed(picture.digest(), model.onWorker(picture::picture)));
    }
}
