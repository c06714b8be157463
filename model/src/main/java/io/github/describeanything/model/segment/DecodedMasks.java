package io.github.describeanything.model.segment;

import io.github.describeanything.model.bundle.SegmenterBundle.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What the mask graph computes for one prompt. Immutable: do not change the arrays.
 *
 * @param side of a mask's logits
 * @param masks logits [4, side, side]: one for a single mask, then three candidates
 * @param iou predicted IoU of each
 * @param score above 0 if the thing is there
 * @param pointers [4, channels], for later frames of a video
 * @param noPointer [channels], what takes their place where the thing is not there
 */
record DecodedMasks(int side, float[] masks, float[] iou, float score, float[] pointers, float[] noPointer) {
    static final int COUNT = 4;

    /** The candidates 1 to 3, the best predicted IoU first. */
    List<Integer> ranked() {
        return IntStream.range(1, COUNT)
                .boxed()
                .sorted((a, b) -> Float.compare(iou[b], iou[a]))
                .toList();
    }

    /** The mask to take where one is wanted: 0 if it is stable, that is hardly changes with the threshold, else the best. */
    int single(Shape shape) {
        long larger = above(-shape.stabilityDelta());
        double stability = larger == 0 ? 1 : (double) above(shape.stabilityDelta()) / larger;
        return stability < shape.stabilityThreshold() ? ranked().getFirst() : 0;
    }

    private long above(double threshold) {
        return IntStream.range(0, side * side)
                .filter(i -> masks[i] > (float) threshold)
                .count();
    }

    /** The logits of one mask. */
    MaskLogits logits(int mask) {
        return new MaskLogits(side, Arrays.copyOfRange(masks, mask * side * side, (mask + 1) * side * side));
    }

    /** The pointer of one mask, or the one of no mask if the thing is not there. */
    float[] pointer(int mask) {
        int width = noPointer.length;
        return present() ? Arrays.copyOfRange(pointers, mask * width, (mask + 1) * width) : noPointer;
    }

    /** Whether the thing is there. */
    boolean present() {
        return score > 0;
    }

    boolean finite() {
        return finite(iou) && finite(masks) && Float.isFinite(score);
    }

    private static boolean finite(float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }
}
