package io.github.describeanything.model.segment;

import io.github.describeanything.focal.Mask;

/**
 * What marks a thing in one frame of a video. Immutable.
 *
 * @param frame counted from 0
 * @param object the caller's number of the thing
 */
public record FramePrompt(int frame, int object, Mark mark) {
    /** How the thing is marked. */
    public sealed interface Mark {}

    /** Points or a box. */
    public record Clicks(SegmentPrompt prompt) implements Mark {}

    /** Its mask, of the frame's size. */
    public record Given(Mask mask) implements Mark {}

    /** Points or a box, all in one prompt. */
    public static FramePrompt of(int frame, int object, SegmentPrompt prompt) {
        return new FramePrompt(frame, object, new Clicks(prompt));
    }

    /** The thing's mask. */
    public static FramePrompt of(int frame, int object, Mask mask) {
        return new FramePrompt(frame, object, new Given(mask));
    }
}
