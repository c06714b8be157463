package io.github.describeanything.server.service;

import io.github.describeanything.focal.Mask;
import java.util.Optional;

/**
 * The mask of a region on one picture. Immutable.
 *
 * @param score the segmenter's predicted IoU, if the mask is a segmenter's
 */
record ScoredMask(Mask mask, Optional<Float> score) {}
