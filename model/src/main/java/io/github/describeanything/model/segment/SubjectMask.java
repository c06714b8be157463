package io.github.describeanything.model.segment;

/**
 * The mask that a model found itself of a region in one frame. Immutable.
 *
 * @param score the object score: above 0 if the thing is there; otherwise the mask is empty
 */
public record SubjectMask(MaskLogits logits, float score) {}
