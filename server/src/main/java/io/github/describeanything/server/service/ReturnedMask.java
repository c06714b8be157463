package io.github.describeanything.server.service;

import io.github.describeanything.focal.region.RunLengths;
import java.util.Optional;

/**
 * The mask of a region as a part of an answer. Immutable.
 *
 * @param score the segmenter's predicted IoU, if the mask is a segmenter's
 */
public record ReturnedMask(RunLengths mask, Optional<Float> score) {
    /** CPU-bound. */
    static ReturnedMask of(ScoredMask found) {
        return new ReturnedMask(RunLengths.of(found.mask()), found.score());
    }
}
