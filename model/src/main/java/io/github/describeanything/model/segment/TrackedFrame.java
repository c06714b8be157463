package io.github.describeanything.model.segment;

import java.util.List;

/**
 * The things on one frame of a video. Immutable.
 *
 * @param frame counted from 0
 * @param masks one per thing, in the order in which they were marked first
 */
public record TrackedFrame(int frame, List<TrackedMask> masks) {
    public TrackedFrame {
        masks = List.copyOf(masks);
    }
}
