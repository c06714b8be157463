package io.github.describeanything.server.service;

import io.github.describeanything.focal.MaskBox;
import io.github.describeanything.focal.region.RunLengths;
import io.github.describeanything.model.segment.SubjectMask;
import java.util.List;
import java.util.Optional;

/**
 * The mask of a region as a part of an answer. Immutable.
 *
 * @param box the tight box; empty if nothing is inside
 * @param score the segmenter's predicted IoU, or the object score of a model that found the mask itself
 * @param later on the later frames of a clip, if the model followed the region itself
 */
public record ReturnedMask(RunLengths mask, Optional<MaskBox> box, Optional<Float> score, List<ReturnedMask> later) {
    public ReturnedMask {
        later = List.copyOf(later);
    }

    /** The masks that a model found itself, on each frame of this size; their score is the object score. CPU-bound. */
    static ReturnedMask of(List<SubjectMask> found, int width, int height) {
        List<ReturnedMask> masks = found.stream()
                .map(it -> of(new ScoredMask(it.logits().enlarged(width, height), Optional.of(it.score()))))
                .toList();
        ReturnedMask first = masks.getFirst();
        return new ReturnedMask(first.mask, first.box, first.score, masks.subList(1, masks.size()));
    }

    /** CPU-bound. */
    static ReturnedMask of(ScoredMask found) {
        return new ReturnedMask(RunLengths.of(found.mask()), found.mask().box(), found.score(), List.of());
    }
}
