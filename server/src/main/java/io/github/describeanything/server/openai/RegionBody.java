package io.github.describeanything.server.openai;

import io.github.describeanything.server.service.ReturnedMask;
import io.github.describeanything.server.service.Ticket;
import java.util.List;
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

    /**
     * A mask.
     *
     * @param score the segmenter's predicted IoU, or the object score of a model that found the mask itself
     * @param later its masks on the later frames of a clip, if the model followed the region itself
     */
    public record MaskBody(RleBody rle, Optional<Float> score, Optional<List<MaskBody>> later) {
        /** Of one region. */
        public static MaskBody of(ReturnedMask mask) {
            List<MaskBody> later = mask.later().stream().map(MaskBody::of).toList();
            return new MaskBody(
                    RleBody.of(mask.mask()), mask.score(), later.isEmpty() ? Optional.empty() : Optional.of(later));
        }
    }

    /**
     * The region of an answer, if the request had {@code regions}, named tasks or asked for masks. Of several answers for
     * one region, the first has its mask.
     *
     * @param ids the client's ids of the regions; empty without {@code regions}
     */
    public static Optional<RegionBody> of(List<Optional<JsonNode>> ids, Ticket ticket, int choice) {
        if (ids.isEmpty() && ticket.masks().isEmpty() && ticket.task(choice).isEmpty()) {
            return Optional.empty();
        }
        int index = choice / ticket.perRegion();
        Optional<MaskBody> mask =
                choice % ticket.perRegion() == 0 && !ticket.masks().isEmpty()
                        ? Optional.of(MaskBody.of(ticket.masks().get(index)))
                        : Optional.empty();
        return Optional.of(new RegionBody(index, ids.isEmpty() ? Optional.empty() : ids.get(index), mask));
    }
}
