package io.github.describeanything.model.segment;

import java.util.Arrays;

/**
 * What the mask decoder saw of a prompted region, for a model that reads more than its mask. Immutable: do not change the
 * arrays.
 *
 * @param mask the mask of token 0; empty if the score is not above 0
 * @param tokens [2, channels]: the token of the most stable mask, then token 0
 * @param seen [cells, channels]: the picture after the transformer's last layer
 * @param pointer [channels], for later frames of a clip
 */
public record AttendedRegion(SubjectMask mask, float[] tokens, float[] seen, float[] pointer) {
    /** Logits of a mask of nothing (published code). */
    private static final float ABSENT = -1024;

    /**
     * @param tokens of all four masks
     * @param first the mask that is taken where one is wanted
     */
    static AttendedRegion of(DecodedMasks masks, float[] tokens, int first, float[] seen) {
        MaskLogits logits = masks.logits(0);
        if (masks.score() <= 0) {
            Arrays.fill(logits.values(), ABSENT);
        }
        int channels = tokens.length / DecodedMasks.COUNT;
        var two = new float[2 * channels];
        System.arraycopy(tokens, first * channels, two, 0, channels);
        System.arraycopy(tokens, 0, two, channels, channels);
        return new AttendedRegion(new SubjectMask(logits, masks.score()), two, seen, masks.pointer(0));
    }
}
