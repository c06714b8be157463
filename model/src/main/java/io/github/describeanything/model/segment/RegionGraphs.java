package io.github.describeanything.model.segment;

import io.github.describeanything.model.bundle.SegmenterBundle;
import io.github.describeanything.model.bundle.SegmenterBundle.Shape;
import io.github.describeanything.model.onnx.Placement;
import io.github.describeanything.model.segment.ObjectTrack.Prompted;
import io.github.describeanything.model.segment.ObjectTrack.Tracked;
import io.github.describeanything.model.segment.ObjectTrack.Verdict;
import java.util.Optional;

/**
 * SAM 2.1 for a model that reads what its mask decoder saw. It never chooses among three masks: mask, pointer and memory are
 * those of mask token 0, and only memories of prompted frames are rounded. One thread at a time runs, reopens or closes it.
 */
public final class RegionGraphs implements AutoCloseable {
    private final Shape shape;
    private final SegmentGraphs graphs;

    /** Opens the bundle's graphs of masks and videos. */
    public RegionGraphs(SegmenterBundle bundle, Placement placement) {
        shape = bundle.manifest().sam2();
        graphs = new SegmentGraphs(bundle, placement);
    }

    /**
     * A region of a picture.
     *
     * @param features what {@link PictureEncoder} computes of the picture
     * @param width of the picture, whose pixels the prompt counts
     */
    public AttendedRegion attend(float[] features, SegmentPrompt prompt, int width, int height) {
        return graphs.masks().attend(features, ModelPrompt.of(prompt, width, height, shape));
    }

    /** Follows a region through a clip of so many frames. */
    public Clip clip(int frames) {
        return new Clip(frames);
    }

    /** A region that is marked on the first frame of a clip and followed through the others, in order. */
    public final class Clip {
        private static final float KNOWN = 1;

        private final ObjectTrack track;
        private int frame;

        private Clip(int frames) {
            track = new ObjectTrack(shape, frames);
        }

        /** The first frame. */
        public AttendedRegion first(float[] features, SegmentPrompt prompt, int width, int height) {
            AttendedRegion found = attend(features, prompt, width, height);
            SubjectMask mask = found.mask();
            Memory memory = graphs.video().rememberExactly(features, mask.logits(), true, mask.score());
            track.put(0, new Prompted(verdict(found), mask.logits(), memory));
            frame = 1;
            return found;
        }

        /** The frame after the last one. */
        public AttendedRegion next(float[] features) {
            float[] embedding = graphs.video().attend(features, track.recall(frame, Direction.FORWARD));
            AttendedRegion found = graphs.masks().attend(features, embedding);
            SubjectMask mask = found.mask();
            Memory memory = graphs.video().rememberExactly(features, mask.logits(), false, mask.score());
            track.put(frame, new Tracked(verdict(found), Optional.empty(), Optional.of(memory)));
            track.forget(frame, 0);
            frame++;
            return found;
        }

        /** What is remembered of the last frame, for tests that look inside. */
        Memory newest() {
            return track.recall(frame, Direction.FORWARD).memories().getLast();
        }

        private static Verdict verdict(AttendedRegion found) {
            return new Verdict(found.mask().score(), KNOWN, found.pointer());
        }
    }

    /** Closes the graphs and opens them again, after a failure. */
    public void reopen() {
        graphs.reopen();
    }

    @Override
    public void close() {
        graphs.close();
    }
}
