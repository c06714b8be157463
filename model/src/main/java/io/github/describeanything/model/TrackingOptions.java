package io.github.describeanything.model;

/**
 * How a video is tracked. Immutable.
 *
 * @param fillHoles whether small holes of masks are filled, as the published video predictor does
 * @param corrections whether prompts may follow a pass. What was tracked is then kept: at 1024 pixels 0.8 MB per thing and
 *     frame. Without, memories are dropped as soon as no pass reads them
 */
public record TrackingOptions(boolean fillHoles, boolean corrections) {
    /** Holes are filled, and prompts may follow a pass. */
    public static final TrackingOptions DEFAULT = new TrackingOptions(true, true);
}
