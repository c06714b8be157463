package io.github.describeanything.model.segment;

import io.github.describeanything.model.bundle.SegmenterBundle.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What is known of one thing in a video. Used by one thread at a time.
 *
 * <p>Prompted frames keep their result and are read from everywhere; tracked frames are read by the next few of a pass, and
 * replaced by a later pass.
 */
final class ObjectTrack {
    /**
     * What the decoder said of a frame.
     *
     * @param score above 0 if the thing is there
     * @param confidence see {@link TrackedMask#score}
     */
    record Verdict(float score, float confidence, float[] pointer) {}

    /** A prompted frame's result. */
    record Prompted(Verdict verdict, MaskLogits logits, Memory memory) {}

    /** A tracked frame's. One that no pass reads any more has no memory, one that is not corrected no logits. */
    record Tracked(Verdict verdict, Optional<MaskLogits> logits, Optional<Memory> memory) {
        Tracked withoutLogits() {
            return new Tracked(verdict, Optional.empty(), memory);
        }

        Tracked forgotten() {
            return new Tracked(verdict, Optional.empty(), Optional.empty());
        }
    }

    private final Shape shape;
    private final int frames;
    private final NavigableMap<Integer, Prompted> prompted = new TreeMap<>();
    private final Map<Integer, Tracked> tracked = new HashMap<>();
    private final Map<Integer, Direction> visited = new HashMap<>();

    /** @param frames of the video */
    ObjectTrack(Shape shape, int frames) {
        this.shape = shape;
        this.frames = frames;
    }

    int firstPrompt() {
        return prompted.firstKey();
    }

    Optional<Prompted> prompted(int frame) {
        return Optional.ofNullable(prompted.get(frame));
    }

    /** In which direction a pass visited a frame last, if any did. */
    Optional<Direction> visited(int frame) {
        return Optional.ofNullable(visited.get(frame));
    }

    /** The latest logits of a frame. */
    Optional<MaskLogits> logits(int frame) {
        return prompted(frame)
                .map(Prompted::logits)
                .or(() -> Optional.ofNullable(tracked.get(frame)).flatMap(Tracked::logits));
    }

    /** What was said of a frame last, if anything. */
    Optional<Verdict> verdict(int frame) {
        return prompted(frame)
                .map(Prompted::verdict)
                .or(() -> Optional.ofNullable(tracked.get(frame)).map(Tracked::verdict));
    }

    /** From now on the frame is not tracked. */
    void put(int frame, Prompted result) {
        prompted.put(frame, result);
        tracked.remove(frame);
    }

    void put(int frame, Tracked result) {
        tracked.put(frame, result);
    }

    void visit(int frame, Direction direction) {
        visited.put(frame, direction);
    }

    /** Drops memories and logits of tracked frames that a pass reads neither after one frame nor at another. */
    void forget(int frame, int other) {
        int reach = shape.memories() - 1;
        tracked.replaceAll(
                (at, it) -> Math.abs(at - frame) < reach || Math.abs(at - other) <= reach ? it : it.forgotten());
    }

    /** What a frame reads when a pass comes from the other side. */
    Recollection recall(int frame, Direction direction) {
        var memories = new ArrayList<Memory>();
        var rows = new ArrayList<Long>();
        prompted.values().forEach(it -> {
            memories.add(it.memory());
            rows.add(shape.memories() - 1L);
        });
        for (int distance = shape.memories() - 1; distance > 0; distance--) {
            Tracked it = tracked.get(frame - direction.step() * distance);
            if (it != null) {
                memories.add(it.memory().orElseThrow());
                rows.add(distance - 1L);
            }
        }
        var pointers = new ArrayList<float[]>();
        var times = new ArrayList<Float>();
        int longest = Math.min(frames, shape.pointers()) - 1;
        prompted.forEach((at, it) -> {
            int distance = direction.step() * (frame - at);
            if (distance >= 0) {
                pointers.add(it.verdict().pointer());
                times.add((float) distance / longest);
            }
        });
        for (int distance = 1; distance <= longest; distance++) {
            Tracked it = tracked.get(frame - direction.step() * distance);
            if (it != null) {
                pointers.add(it.verdict().pointer());
                times.add((float) distance / longest);
            }
        }
        return new Recollection(memories, rows, pointers, times);
    }
}
