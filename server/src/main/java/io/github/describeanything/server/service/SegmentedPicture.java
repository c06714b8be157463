package io.github.describeanything.server.service;

import io.github.describeanything.focal.region.RunLengths;
import java.util.List;

/**
 * The answer to a {@link SegmentCommand}. Immutable.
 *
 * @param digest names the picture in later requests
 * @param things for each prompt its masks, the best first
 */
public record SegmentedPicture(int width, int height, String digest, List<List<Found>> things) {

    /** A mask and its predicted IoU. */
    public record Found(RunLengths mask, float score) {}

    public SegmentedPicture {
        things = things.stream().map(List::copyOf).toList();
    }
}
