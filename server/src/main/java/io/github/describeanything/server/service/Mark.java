package io.github.describeanything.server.service;

/**
 * A region on one frame. Immutable.
 *
 * @param moment which frame
 * @param path where in the request it stands, such as {@code regions[3]}
 */
public record Mark(Moment moment, MaskSource source, String path) {

    /** Which frame of a video, or of the only picture. */
    public sealed interface Moment {}

    /** By its place among the sampled frames, from 0; of a video file also from -1, the last. */
    public record Frame(int index) implements Moment {}

    /** The sampled frame nearest to this many seconds after the first. */
    public record Time(double seconds) implements Moment {}

    /** Every frame. */
    public record Always() implements Moment {}
}
