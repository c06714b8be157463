package io.github.describeanything.model.segment;

import io.github.describeanything.model.api.RequestException;
import io.github.describeanything.model.bundle.SegmenterBundle.Shape;
import io.github.describeanything.model.segment.ObjectTrack.Prompted;
import io.github.describeanything.model.segment.ObjectTrack.Tracked;
import io.github.describeanything.model.segment.ObjectTrack.Verdict;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;

/**
 * Follows things through a video as the published predictor does; no thing influences another. Used by one thread at a time,
 * which waits while the graphs run; each thing on each frame is a run of its own.
 */
public final class Tracker {
    private static final float ABSENT = -1024;
    private static final float GIVEN_SCORE = 10;

    private final Shape shape;
    private final GraphQueue queue;
    private final int frames;
    private final boolean fillHoles;
    private final boolean corrections;
    private final Map<Integer, ObjectTrack> objects = new LinkedHashMap<>();
    private boolean passed;

    /**
     * @param frames of the video
     * @param fillHoles whether small holes of masks are filled
     * @param corrections whether prompts may follow a pass; without, memories are dropped as soon as no pass reads them
     */
    public Tracker(Shape shape, GraphQueue queue, int frames, boolean fillHoles, boolean corrections) {
        this.shape = shape;
        this.queue = queue;
        this.frames = frames;
        this.fillHoles = fillHoles;
        this.corrections = corrections;
    }

    /** A thing's mask on a frame before it is enlarged. @param score see {@link TrackedMask} */
    public record Found(int object, MaskLogits logits, float score) {
        /** In the frame's size. CPU-bound. */
        public TrackedMask enlarged(PictureSize size) {
            return new TrackedMask(object, MaskEnlarger.enlarge(logits, size.width(), size.height()), score);
        }
    }

    /** What is known of a thing, for tests that look inside. */
    ObjectTrack track(int object) {
        return Objects.requireNonNull(objects.get(object));
    }

    /** The caller's numbers of the things marked so far. */
    public Collection<Integer> objects() {
        return List.copyOf(objects.keySet());
    }

    /**
     * Marks a thing on a frame, whose mask no pass changes any more.
     *
     * @throws RequestException if the prompt does not fit the frame
     * @throws CancellationException if the calling thread is interrupted
     */
    public Found prompt(EmbeddedPicture picture, FramePrompt prompt) {
        if (passed && !corrections) {
            throw new IllegalStateException("This video was not opened for corrections");
        }
        float[] features = features(picture);
        ObjectTrack track = objects.getOrDefault(prompt.object(), new ObjectTrack(shape, frames));
        Prompted result = switch (prompt.mark()) {
            case FramePrompt.Clicks it -> {
                Optional<MaskLogits> earlier = track.logits(prompt.frame()).or(it.prompt()::earlier);
                SegmentPrompt clicks = earlier.map(it.prompt()::refining).orElse(it.prompt());
                var forModel = ModelPrompt.of(clicks, picture.width(), picture.height(), shape);
                Optional<Recollection> read =
                        track.visited(prompt.frame()).map(from -> track.recall(prompt.frame(), from));
                yield queue.run(graphs -> clicked(graphs, features, forModel, clicks.marks(), read));
            }
            case FramePrompt.Given it -> {
                if (it.mask().width() != picture.width() || it.mask().height() != picture.height()) {
                    throw RequestException.invalidValue(
                            "mask",
                            "must be of the frame's size, %d x %d".formatted(picture.width(), picture.height()));
                }
                yield queue.run(graphs -> given(graphs, features, graphs.video().given(it.mask())));
            }
        };
        objects.put(prompt.object(), track);
        track.put(prompt.frame(), result);
        return found(prompt.object(), result);
    }

    private static float[] features(EmbeddedPicture picture) {
        return GraphQueue.await(picture.features().features()).embeddings();
    }

    private Prompted clicked(
            SegmentGraphs graphs, float[] features, ModelPrompt prompt, int marks, Optional<Recollection> read) {
        DecodedMasks masks = read.isPresent()
                ? graphs.masks().decode(features, graphs.video().attend(features, read.get()), prompt)
                : graphs.masks().decode(features, prompt);
        // One click may mean several things; with more, the first mask is the one, unless it is unstable.
        boolean several = marks <= 1;
        int mask = several ? masks.ranked().getFirst() : masks.single(shape);
        MaskLogits logits = filled(logits(masks, mask));
        return new Prompted(
                verdict(masks, mask, several ? mask : 0),
                logits,
                graphs.video().remember(features, logits, true, masks.score()));
    }

    private Prompted given(SegmentGraphs graphs, float[] features, VideoGraphs.GivenMask given) {
        DecodedMasks masks = graphs.masks().decodeGiven(features, given.prompt());
        MaskLogits logits = filled(given.logits());
        float score = given.empty() ? -GIVEN_SCORE : GIVEN_SCORE;
        float[] pointer = given.empty() ? masks.noPointer() : masks.pointer(0);
        return new Prompted(
                new Verdict(score, given.empty() ? 0 : 1, pointer),
                logits,
                graphs.video().remember(features, logits, true, score));
    }

    private static MaskLogits logits(DecodedMasks masks, int mask) {
        if (masks.present()) {
            return masks.logits(mask);
        }
        var absent = new float[masks.side() * masks.side()];
        Arrays.fill(absent, ABSENT);
        return new MaskLogits(masks.side(), absent);
    }

    private static Verdict verdict(DecodedMasks masks, int mask, int pointer) {
        return new Verdict(masks.score(), masks.present() ? masks.iou()[mask] : 0, masks.pointer(pointer));
    }

    private MaskLogits filled(MaskLogits logits) {
        return fillHoles ? HoleFiller.fill(logits) : logits;
    }

    private static Found found(int object, Prompted it) {
        return new Found(object, it.logits(), it.verdict().confidence());
    }

    /** The frames that a pass visits, in order: from the earliest prompted frame of any thing to the end or to frame 0. */
    public List<Integer> pass(Direction direction) {
        int first = objects.values().stream()
                .mapToInt(ObjectTrack::firstPrompt)
                .min()
                .orElseThrow(() -> RequestException.invalidValue("prompts", "mark nothing"));
        return switch (direction) {
            case FORWARD -> IntStream.range(first, frames).boxed().toList();
            // The published predictor does not go back from frame 0.
            case BACKWARD ->
                IntStream.rangeClosed(0, first == 0 ? -1 : first)
                        .map(it -> first - it)
                        .boxed()
                        .toList();
        };
    }

    /** Whether visiting a frame needs its picture: a thing has no prompt there. */
    public boolean tracks(int frame) {
        return objects.values().stream().anyMatch(it -> it.prompted(frame).isEmpty());
    }

    /**
     * Every thing on a frame, in the order in which they were marked.
     *
     * @param picture the frame, which may be missing unless the frame {@link #tracks}
     * @throws CancellationException if the calling thread is interrupted
     */
    public List<Found> visit(int frame, Direction direction, Optional<EmbeddedPicture> picture) {
        passed = true;
        int first = pass(Direction.FORWARD).getFirst();
        return objects.entrySet().stream()
                .map(it -> visit(it.getKey(), it.getValue(), frame, direction, picture, first))
                .toList();
    }

    private Found visit(
            int object,
            ObjectTrack track,
            int frame,
            Direction direction,
            Optional<EmbeddedPicture> picture,
            int first) {
        Optional<Prompted> prompted = track.prompted(frame);
        Found found = prompted.isPresent()
                ? found(object, prompted.get())
                : tracked(object, track, frame, direction, features(picture.orElseThrow()));
        track.visit(frame, direction);
        if (!corrections) {
            track.forget(frame, first);
        }
        return found;
    }

    private Found tracked(int object, ObjectTrack track, int frame, Direction direction, float[] features) {
        Recollection read = track.recall(frame, direction);
        Tracked result = queue.run(graphs -> tracked(graphs, features, read));
        track.put(frame, corrections ? result : result.withoutLogits());
        return new Found(object, result.logits().orElseThrow(), result.verdict().confidence());
    }

    private Tracked tracked(SegmentGraphs graphs, float[] features, Recollection read) {
        float[] embedding = graphs.video().attend(features, read);
        DecodedMasks masks = graphs.masks().decode(features, embedding, ModelPrompt.NONE);
        int mask = masks.ranked().getFirst();
        MaskLogits logits = logits(masks, mask);
        // Its holes are filled after it is remembered.
        Memory memory = graphs.video().remember(features, logits, false, masks.score());
        return new Tracked(verdict(masks, mask, mask), Optional.of(filled(logits)), Optional.of(memory));
    }
}
