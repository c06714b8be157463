package io.github.describeanything.server.openai.segment;

import io.github.describeanything.server.openai.RleBody;
import io.github.describeanything.server.service.SegmentedFrame;
import java.util.List;

/**
 * A frame of a video as soon as it is tracked; the last event of a frame counts. Immutable.
 *
 * @param index of the event, counted from 0
 * @param count events that there will be
 */
record FrameEventBody(String object, int index, int count, int frame, List<ThingBody> data) {

    /** A thing on the frame. @param score the predicted IoU with what was meant, 0 if it is out of sight */
    record ThingBody(int object, RleBody rle, float score) {}

    static FrameEventBody of(SegmentedFrame frame) {
        return new FrameEventBody(
                "segmentation.frame",
                frame.visit(),
                frame.visits(),
                frame.frame(),
                frame.masks().stream()
                        .map(it -> new ThingBody(it.object(), RleBody.of(it.mask()), it.score()))
                        .toList());
    }
}
