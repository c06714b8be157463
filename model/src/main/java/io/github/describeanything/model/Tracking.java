package io.github.describeanything.model;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.api.BusyException;
import io.github.describeanything.model.api.RequestException;
import io.github.describeanything.model.segment.Direction;
import io.github.describeanything.model.segment.EmbeddedPicture;
import io.github.describeanything.model.segment.FramePrompt;
import io.github.describeanything.model.segment.PictureSize;
import io.github.describeanything.model.segment.TrackedFrame;
import io.github.describeanything.model.segment.TrackedMask;
import io.github.describeanything.model.segment.Tracker;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/**
 * A video in which things are marked on some frames and followed through all: {@link #prompt}, then the frames of each
 * {@link #pass} in turn. Used by one thread at a time; close it. Interrupting the thread cancels: a wait ends with
 * {@link CancellationException} at the latest when the current frame's graphs have run.
 *
 * <pre>{@code
 * try (Tracking video = segmenter.tracking(frames.size(), TrackingOptions.DEFAULT)) {
 *     video.prompt(frames.get(0), FramePrompt.of(0, 1, SegmentPrompt.inside(120, 80)));
 *     for (int frame : video.pass(Direction.FORWARD)) {
 *         show(video.visit(frame, Direction.FORWARD, frames.get(frame)));
 *     }
 * }
 * }</pre>
 *
 * <p>A frame is embedded once for all things, and cached by content like a picture. Prompted frames on which another thing is
 * tracked later are held until then, {@value #HELD} at most.
 */
public final class Tracking implements AutoCloseable {
    /** Things that one video may have: each takes about 8 MB at 1024 pixels. */
    public static final int MAX_OBJECTS = 16;

    private static final int HELD = 4;
    private static final Runnable NOTHING = () -> {};

    private final Embedder embedder;
    private final Workers workers;
    private final Tracker tracker;
    private final int frames;
    private final Runnable release;
    private final Map<Integer, PictureSize> sizes = new HashMap<>();
    private final LinkedHashMap<Integer, EmbeddedPicture> held = new LinkedHashMap<>();
    private boolean closed;

    /** @param release called once, when this is closed */
    Tracking(Embedder embedder, Workers workers, Tracker tracker, int frames, Runnable release) {
        this.embedder = embedder;
        this.workers = workers;
        this.tracker = tracker;
        this.frames = frames;
        this.release = release;
    }

    // ---- by pictures

    /**
     * Marks a thing on a frame, which keeps the mask that is returned.
     *
     * @throws RequestException if the prompt does not fit; its {@code param} is the prompt's field
     * @throws BusyException if the segmenter is closing
     * @throws CancellationException if the calling thread is interrupted
     */
    public TrackedMask prompt(Picture picture, FramePrompt prompt) {
        ByteBuffer key = SubjectKey.of(picture);
        try (EmbeddedPicture embedded = find(key).orElseGet(() -> embed(key, picture))) {
            return prompt(embedded, prompt);
        }
    }

    /** Every thing on the next frame of a pass. @throws CancellationException if the calling thread is interrupted */
    public TrackedFrame visit(int frame, Direction direction, Picture picture) {
        if (!tracks(frame)) {
            return visit(frame, direction);
        }
        ByteBuffer key = SubjectKey.of(picture);
        try (EmbeddedPicture embedded = find(key).orElseGet(() -> embed(key, picture))) {
            return visit(frame, direction, embedded);
        }
    }

    // ---- step by step

    /**
     * A frame whose embedding is cached or under way, so that its pixels need not be read. Close it.
     *
     * @param key identifies the frame by content
     */
    public Optional<EmbeddedPicture> find(ByteBuffer key) {
        return embedder.find(key, NOTHING);
    }

    /**
     * Queues a frame to be embedded, or joins one with the same key. Waits until it is resized. Close it.
     *
     * @param key identifies the frame by content; it must not change
     * @throws BusyException if the segmenter is closing
     * @throws CancellationException if the calling thread is interrupted
     */
    public EmbeddedPicture embed(ByteBuffer key, Picture picture) {
        return embedder.embed(key, picture, NOTHING);
    }

    /** The same as {@link #prompt(Picture, FramePrompt)}; the picture may be closed afterwards. */
    public TrackedMask prompt(EmbeddedPicture picture, FramePrompt prompt) {
        requireFrame(prompt);
        boolean known = tracker.objects().contains(prompt.object());
        if (!known && tracker.objects().size() == MAX_OBJECTS) {
            throw RequestException.invalidValue(
                    "object", "is one too many: a video may have at most %d objects".formatted(MAX_OBJECTS));
        }
        Tracker.Found found = tracker.prompt(picture, prompt);
        var size = new PictureSize(picture.width(), picture.height());
        sizes.put(prompt.frame(), size);
        hold(prompt.frame(), picture);
        return workers.call(() -> found.enlarged(size));
    }

    void requireFrame(FramePrompt prompt) {
        if (prompt.frame() < 0 || prompt.frame() >= frames) {
            throw RequestException.invalidValue("frame", "must be between 0 and " + (frames - 1));
        }
    }

    private void hold(int frame, EmbeddedPicture picture) {
        Optional.ofNullable(held.put(frame, picture.retain())).ifPresent(EmbeddedPicture::close);
        if (held.size() > HELD) {
            held.pollFirstEntry().getValue().close();
        }
    }

    /**
     * The frames that a pass visits, in order: forward from the earliest prompted frame to the end, backward from it to frame
     * 0. Backward is empty if that frame is the first.
     */
    public List<Integer> pass(Direction direction) {
        return tracker.pass(direction);
    }

    /** Whether visiting a frame needs its picture: a thing has no prompt there. */
    public boolean tracks(int frame) {
        return tracker.tracks(frame);
    }

    /** Every thing on the next frame of a pass. @throws CancellationException if the calling thread is interrupted */
    public TrackedFrame visit(int frame, Direction direction, EmbeddedPicture picture) {
        sizes.put(frame, new PictureSize(picture.width(), picture.height()));
        return visit(frame, direction, Optional.of(picture));
    }

    /** Every thing on the next frame of a pass that this frame's picture is not needed for. */
    public TrackedFrame visit(int frame, Direction direction) {
        return visit(frame, direction, Optional.empty());
    }

    private TrackedFrame visit(int frame, Direction direction, Optional<EmbeddedPicture> picture) {
        List<Tracker.Found> found = tracker.visit(frame, direction, picture);
        Optional.ofNullable(held.remove(frame)).ifPresent(EmbeddedPicture::close);
        PictureSize size = Optional.ofNullable(sizes.get(frame)).orElseThrow();
        return workers.call(() -> new TrackedFrame(
                frame, found.stream().map(it -> it.enlarged(size)).toList()));
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            held.values().forEach(EmbeddedPicture::close);
            release.run();
        }
    }
}
