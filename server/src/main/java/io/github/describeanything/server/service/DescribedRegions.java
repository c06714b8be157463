package io.github.describeanything.server.service;

import java.util.List;
import java.util.function.Function;

/**
 * The regions of a command. Immutable. Which frames a video file has, and so where its regions are marked, is known only
 * once the file is open.
 *
 * @param count how many there are
 * @param onFrames for each region a mask source per frame; throws ApiException for a frame that the video lacks
 */
public record DescribedRegions(int count, Function<Sampled, List<List<MaskSource>>> onFrames) {
    /** Regions of pictures. */
    public static DescribedRegions of(List<List<MaskSource>> regions) {
        return new DescribedRegions(regions.size(), ignored -> regions);
    }

    List<List<MaskSource>> on(Sampled frames) {
        return onFrames.apply(frames);
    }
}
