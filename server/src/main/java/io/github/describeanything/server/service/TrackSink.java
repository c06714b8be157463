package io.github.describeanything.server.service;

import io.github.describeanything.focal.region.RunLengths;
import java.io.IOException;
import java.util.List;

/** Receives the masks of a {@link TrackCommand}, frame by frame. Called by one thread. */
public interface TrackSink {
    /**
     * The frames of a video.
     *
     * @param width of the first frame
     * @param height of the first frame
     * @param times of the frames of a video file, in seconds from the first; empty for pictures
     */
    record Frames(int width, int height, int count, List<Double> times) {
        public Frames {
            times = List.copyOf(times);
        }
    }

    /** A thing on a frame; the mask is empty and the score 0 if it is out of sight. */
    record Found(int object, RunLengths mask, float score) {}

    /** All prompts are valid; tracking begins. */
    void begin(Frames frames) throws IOException;

    /**
     * The things on the next frame of a pass.
     *
     * @param pass {@code forward}, or {@code backward}, whose masks replace those of frames that come again
     */
    void frame(String pass, int frame, List<Found> things) throws IOException;
}
