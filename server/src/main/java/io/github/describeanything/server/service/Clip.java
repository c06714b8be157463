package io.github.describeanything.server.service;

import java.util.List;

/**
 * What a command describes: one picture, or the frames of a video that the model sees. Immutable.
 *
 * @param frames in order; a short video repeats some
 * @param regions for each region its mask source on each of these frames
 */
record Clip(List<RequestPicture> frames, List<List<MaskSource>> regions) {
    Clip {
        frames = List.copyOf(frames);
        regions = regions.stream().map(List::copyOf).toList();
    }
}
