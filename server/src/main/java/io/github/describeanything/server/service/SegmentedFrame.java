package io.github.describeanything.server.service;

import io.github.describeanything.focal.region.RunLengths;
import java.util.List;

/**
 * The things on a frame of a video. Immutable.
 *
 * @param frame counted from 0
 * @param visit how many frames were visited before, in both passes
 * @param visits how many will be visited
 */
public record SegmentedFrame(int frame, int visit, int visits, int width, int height, List<Found> masks) {

    /** A thing's mask, empty if it is out of sight, and its predicted IoU. */
    public record Found(int object, RunLengths mask, float score) {}

    public SegmentedFrame {
        masks = List.copyOf(masks);
    }
}
