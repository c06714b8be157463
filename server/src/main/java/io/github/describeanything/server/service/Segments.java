package io.github.describeanything.server.service;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.region.RunLengths;
import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.Segmenter;
import io.github.describeanything.model.api.BusyException;
import io.github.describeanything.model.api.RequestException;
import io.github.describeanything.model.segment.Direction;
import io.github.describeanything.model.segment.EmbeddedPicture;
import io.github.describeanything.model.segment.Segmentation;
import io.github.describeanything.model.segment.TrackedFrame;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.pictures.PictureLoader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;

/**
 * Makes masks from clicks and boxes. Thread-safe. A picture is embedded once for all prompts on it, also those of
 * descriptions, and need not be sent again as long as its embedding is cached.
 */
public final class Segments {
    private static final int DIGEST_LENGTH = 64;

    private final DescribeAnything model;
    private final Segmenter segmenter;
    private final PictureLoader pictures;
    private final Clips clips;
    private final Tracks tracks;
    private final InFlight inFlight = new InFlight();

    /** @param model whose workers decode pictures */
    public Segments(DescribeAnything model, Segmenter segmenter, PictureLoader pictures, Clips clips) {
        this.model = model;
        this.segmenter = segmenter;
        this.pictures = pictures;
        this.clips = clips;
        this.tracks = new Tracks(model, segmenter);
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
        return interruptibly(() -> found(command));
    }

    /** Work that may fail to write its result. */
    private interface Work<T, E extends Exception> {
        T run() throws E;
    }

    private <T, E extends Exception> T interruptibly(Work<T, E> work) throws E {
        try (var entry = inFlight.enter(Thread.currentThread()::interrupt)) {
            return work.run();
        } catch (RuntimeException e) {
            if (!Thread.currentThread().isInterrupted()) {
                throw e;
            }
            throw inFlight.ended() ? BusyException.closing() : new CancellationException("The client disconnected");
        }
    }

    private SegmentedPicture found(SegmentCommand command) {
        try (EmbeddedPicture picture = embedded(command)) {
            List<List<SegmentedPicture.Found>> things = command.prompts().stream()
                    .map(it -> masks(picture, it, command.candidates()))
                    .toList();
            var digest = new byte[picture.key().remaining()];
            picture.key().get(digest);
            return new SegmentedPicture(
                    picture.width(), picture.height(), HexFormat.of().formatHex(digest), things);
        }
    }

    /**
     * Tracks things through a video; waits for each frame.
     *
     * @throws ApiException naming the field that cannot be used
     * @throws BusyException if enough videos are tracked or the server ends
     * @throws CancellationException if the calling thread is interrupted
     * @throws IOException what the sink throws
     */
    public void track(TrackCommand command, TrackSink sink) throws IOException {
        interruptibly(() -> {
            try (Clip clip = clips.of(command.source(), command.upright())) {
                List<Tracks.Prompt> prompts = prompts(clip, command);
                clip.load(clip.all());
                tracks.follow(clip, prompts, command.fillHoles(), new TrackedThings(clip, sink));
            }
            return command;
        });
    }

    private List<Tracks.Prompt> prompts(Clip clip, TrackCommand command) {
        var prompts = new ArrayList<Tracks.Prompt>();
        for (TrackCommand.Prompt prompt : command.prompts()) {
            var clicks =
                    new ClickedRegion(prompt.path(), false, prompt.clicks(), ByteBuffer.allocate(0), segmenter);
            var mark = new Mark(prompt.moment(), clicks, prompt.path());
            int frame = RegionMarks.frame(clip, mark);
            for (Tracks.Prompt other : prompts) {
                if (other.object() == prompt.object() && other.frame() == frame) {
                    String param = prompt.path() + ".frame";
                    throw ApiException.badValue(
                            param,
                            "%s is frame %d, where object %d is marked already, by %s: send all points in one prompt"
                                    .formatted(
                                            param,
                                            frame,
                                            prompt.object(),
                                            other.mark().path()));
                }
            }
            prompts.add(new Tracks.Prompt(prompt.object(), frame, mark));
        }
        return prompts;
    }

    /** Writes run lengths of what is tracked. */
    private final class TrackedThings implements Tracks.Sink<IOException> {
        private final Clip clip;
        private final TrackSink sink;

        TrackedThings(Clip clip, TrackSink sink) {
            this.clip = clip;
            this.sink = sink;
        }

        @Override
        public void begin() throws IOException {
            Picture first = model.onWorker(() -> clip.picture(0).picture());
            List<Double> times = clip.time(0).isEmpty()
                    ? List.of()
                    : clip.all().stream().map(it -> clip.time(it).orElseThrow()).toList();
            sink.begin(new TrackSink.Frames(first.width(), first.height(), clip.frames(), times));
        }

        @Override
        public void frame(Direction pass, TrackedFrame frame) throws IOException {
            List<TrackSink.Found> things = model.onWorker(() -> frame.masks().stream()
                    .map(it -> new TrackSink.Found(it.object(), RunLengths.of(it.mask()), it.score()))
                    .toList());
            sink.frame(pass.name().toLowerCase(Locale.ROOT), frame.frame(), things);
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
        byte[] encoded = pictures.load(image.url(), image.param());
        var picture = new RequestPicture(encoded, image.param(), pictures.reader(), upright, model);
        return segmenter.find(picture.digest()).orElseGet(() -> {
            Picture pixels = model.onWorker(picture::picture);
            return segmenter.embed(picture.digest(), pixels);
        });
    }

    private List<SegmentedPicture.Found> masks(EmbeddedPicture picture, SegmentCommand.Prompt prompt, int candidates) {
        try {
            Segmentation found =
                    segmenter.segment(picture, prompt.clicks().on(picture.width(), picture.height()), candidates);
            return model.onWorker(() -> found.candidates().stream()
                    .map(it -> new SegmentedPicture.Found(RunLengths.of(it.mask()), it.score()))
                    .toList());
        } catch (RequestException e) {
            String param = prompt.path() + "." + e.param();
            throw ApiException.badRequest(param, e.code(), prompt.path() + "." + e.getMessage());
        }
    }
}
