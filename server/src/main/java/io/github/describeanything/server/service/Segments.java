package io.github.describeanything.server.service;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.region.RunLengths;
import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.Segmenter;
import io.github.describeanything.model.api.BusyException;
import io.github.describeanything.model.api.RequestException;
import io.github.describeanything.model.segment.EmbeddedPicture;
import io.github.describeanything.model.segment.Segmentation;
import io.github.describeanything.model.segment.TrackedFrame;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.pictures.ContentDigest;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Makes masks from clicks and boxes, and follows things through videos. Thread-safe. A picture is embedded once for all
 * prompts on it, also those of descriptions, and need not be sent again as long as its embedding is cached.
 */
public final class Segments {
    private static final int DIGEST_LENGTH = 64;

    private final DescribeAnything model;
    private final Segmenter segmenter;
    private final Clips clips;
    private final InFlight inFlight = new InFlight();

    /** @param model whose workers follow things through videos */
    public Segments(DescribeAnything model, Segmenter segmenter, Clips clips) {
        this.model = model;
        this.segmenter = segmenter;
        this.clips = clips;
    }

    /** @throws BusyException if the queue is full or the segmenter closes */
    public void requireRoom() {
        segmenter.requireRoom();
    }

    /** Ends what is under way: the grace time is over. */
    public void end() {
        inFlight.end();
    }

    /**
     * Answers a command; waits for the masks.
     *
     * @throws ApiException naming the field that cannot be used
     * @throws BusyException if the queue is full or the server ends
     * @throws CancellationException if the calling thread is interrupted
     */
    public SegmentedPicture answer(SegmentCommand command) {
        return underWay(() -> {
            try (EmbeddedPicture picture = embedded(command)) {
                List<List<SegmentedPicture.Found>> things = command.prompts().stream()
                        .map(it -> masks(picture, it, command.candidates()))
                        .toList();
                var digest = new byte[picture.key().remaining()];
                picture.key().get(digest);
                return new SegmentedPicture(
                        picture.width(), picture.height(), HexFormat.of().formatHex(digest), things);
            }
        });
    }

    /**
     * Follows the things of a command through its frames, and passes each frame to the sink as soon as it is tracked; the last
     * result of a frame counts.
     *
     * @throws ApiException naming the field that cannot be used
     * @throws BusyException if enough videos are being tracked or the server ends
     * @throws CancellationException if the calling thread is interrupted
     */
    public void track(TrackCommand command, Consumer<SegmentedFrame> sink) {
        underWay(() -> {
            try (Clip clip = clips.of(command.source(), command.upright())) {
                List<Double> times = clip.times();
                List<MarkedThing> marks =
                        command.prompts().apply(new Sampled(clip.frames(), times, clip.all())).stream()
                                .map(it -> new MarkedThing(it.frame(), it.object(), clicked(it)))
                                .toList();
                clip.load(clip.all());
                List<RequestPicture> frames = clip.pictures(clip.all());
                // Tracking takes long and has a limit of its own.
                clip.loaded();
                new VideoTracker(model, segmenter)
                        .track(
                                frames,
                                marks,
                                command.fillHoles(),
                                (frame, visit, visits) ->
                                        sink.accept(segmenter.onWorker(() -> segmented(frame, times, visit, visits))));
                return frames.size();
            }
        });
    }

    private ClickedRegion clicked(TrackCommand.Prompt it) {
        var key = ContentDigest.of(ContentDigest.Kind.CLICKS, it.clicks().toString());
        return new ClickedRegion(it.path(), false, it.path(), it.clicks(), key, Optional.of(segmenter));
    }

    private static SegmentedFrame segmented(TrackedFrame frame, List<Double> times, int visit, int visits) {
        Mask any = frame.masks().getFirst().mask();
        return new SegmentedFrame(
                frame.frame(),
                times.isEmpty() ? Optional.empty() : Optional.of(times.get(frame.frame())),
                visit,
                visits,
                any.width(),
                any.height(),
                frame.masks().stream()
                        .map(it -> new SegmentedFrame.Found(it.object(), RunLengths.of(it.mask()), it.score()))
                        .toList());
    }

    private <T> T underWay(Supplier<T> work) {
        try (var entry = inFlight.enter(Thread.currentThread()::interrupt)) {
            return work.get();
        } catch (RuntimeException e) {
            if (!Thread.currentThread().isInterrupted()) {
                throw e;
            }
            throw inFlight.ended() ? BusyException.closing() : new CancellationException("The client disconnected");
        }
    }

    private EmbeddedPicture embedded(SegmentCommand command) {
        return switch (command.picture()) {
            case SegmentCommand.ByDigest it -> find(it);
            case SegmentCommand.ByUrl it -> embed(it.image(), command.upright());
        };
    }

    private EmbeddedPicture find(SegmentCommand.ByDigest it) {
        if (it.digest().length() != DIGEST_LENGTH || !it.digest().chars().allMatch(HexFormat::isHexDigit)) {
            throw ApiException.badValue(it.param(), it.param() + " must be the digest of an earlier answer");
        }
        return segmenter
                .find(ByteBuffer.wrap(HexFormat.of().parseHex(it.digest())))
                .orElseThrow(() -> ApiException.badRequest(
                        it.param(),
                        "unknown_digest",
                        it.param() + " names no picture that this server still has: send its URL"));
    }

    private EmbeddedPicture embed(ImageReference image, boolean upright) {
        RequestPicture picture = clips.picture(image, upright);
        return segmenter.find(picture.digest()).orElseGet(() -> {
            Picture pixels = segmenter.onWorker(picture::picture);
            return segmenter.embed(picture.digest(), pixels);
        });
    }

    private List<SegmentedPicture.Found> masks(EmbeddedPicture picture, SegmentCommand.Prompt prompt, int candidates) {
        try {
            Segmentation found =
                    segmenter.segment(picture, prompt.clicks().on(picture.width(), picture.height()), candidates);
            return segmenter.onWorker(() -> found.candidates().stream()
                    .map(it -> new SegmentedPicture.Found(RunLengths.of(it.mask()), it.score()))
                    .toList());
        } catch (RequestException e) {
            String param = prompt.path() + "." + e.param();
            throw ApiException.badRequest(param, e.code(), prompt.path() + "." + e.getMessage());
        }
    }
}
