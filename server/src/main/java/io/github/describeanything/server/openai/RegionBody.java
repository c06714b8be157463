package io.github.describeanything.server.openai;

import io.github.describeanything.server.service.ReturnedMask;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The region that a choice is about. Immutable.
 *
 * @param index its index among the request's regions
 * @param id the client's id for it, as sent
 * @param mask its mask, if the request asked for masks
 */
public record RegionBody(int index, Optional<JsonNode> id, Optional<MaskBody> mask) {

    /** A mask. @param score the segmenter's predicted IoU, if the mask is a segmenter's */
    public record MaskBody(RleBody rle, Optional<Float> score) {
        public static MaskBody of(ReturnedMask mask) {
            return new MaskBody(RleBody.of(mask.mask()), mask.score());
        }
    }

    /** Without its mask. */
    public RegionBody(int index, Optional<JsonNode> id) {
        this(index, id, Optional.empty());
    }
}
