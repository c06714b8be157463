package io.github.describeanything.model.segment;

import io.github.describeanything.focal.Mask;

/**
 * A thing on one frame of a video. Immutable.
 *
 * @param object the caller's number of the thing
 * @param mask of the frame's size; empty if the thing is out of sight
 * @param score the predicted IoU with what was meant, 0 to 1: 0 if the thing is out of sight, 1 for a given mask
 */
public record TrackedMask(int object, Mask mask, float score) {}
