package io.github.describeanything.server.service;

import io.github.describeanything.model.segment.TrackedFrame;

/** Receives a video frame by frame as it is tracked. */
@FunctionalInterface
interface FrameSink {
    /**
     * A frame that a pass visited; the last result of a frame counts.
     *
     * @param visit counted from 0
     * @param visits how many there will be in both passes
     */
    void frame(TrackedFrame frame, int visit, int visits);
}
