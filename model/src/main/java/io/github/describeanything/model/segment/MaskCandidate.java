package io.github.describeanything.model.segment;

import io.github.describeanything.focal.Mask;

/**
 * One answer to a prompt. Immutable.
 *
 * @param mask of the picture's size, possibly empty
 * @param score the predicted IoU with what was meant, 0 to 1
 * @param logits for {@link SegmentPrompt#refining}
 */
public record MaskCandidate(Mask mask, float score, MaskLogits logits) {}
