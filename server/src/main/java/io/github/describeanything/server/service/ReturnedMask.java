package io.github.describeanything.server.service;

import io.github.describeanything.focal.region.RunLengths;
import io.github.describeanything.model.segment.SubjectMask;
import java.util.Optional;

/**
 * The mask of a region as a part of an answer. Immutable.
 *
 * @param score the segmenter's predicted IoU, or the object score of a model that found the mask itself
 */
public record ReturnedMask(RunLengths mask, Optional<Float> score) {
    /** The mask that a model found itself, on a picture of this size; its score is the object score. CPU-bound. */
    static ReturnedMask of(SubjectMask found, int width, int height) {
        return new ReturnedMask(RunLengths.of(found.logits().enlarged(width, height)), Optional.of(found.score()));
    }

    /** CPU-bound. */
    static ReturnedMask of(ScoredMask found) {
        return new ReturnedMask(RunLengths.of(found.mask()), found.score());
    }
}
