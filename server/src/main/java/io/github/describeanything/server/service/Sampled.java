package io.github.describeanything.server.service;

import io.github.describeanything.server.video.Sampling;
import java.util.List;
import java.util.OptionalInt;

/**
 * What is known of a video before its frames are decoded. Immutable.
 *
 * @param count its frames
 * @param times when they are shown, in seconds from the first; empty for pictures
 * @param seen the frames that the model sees, unless a tracked thing is out of sight on one of them
 */
public record Sampled(int count, List<Double> times, List<Integer> seen) {
    public Sampled {
        times = List.copyOf(times);
        seen = List.copyOf(seen);
    }

    /** The frame nearest to a time; empty if pictures have no times. */
    public OptionalInt nearest(double seconds) {
        double[] sorted = times.stream().mapToDouble(Double::doubleValue).toArray();
        return sorted.length == 0 ? OptionalInt.empty() : OptionalInt.of(Sampling.nearest(sorted, seconds));
    }
}
