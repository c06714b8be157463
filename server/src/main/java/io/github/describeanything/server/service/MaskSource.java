package io.github.describeanything.server.service;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.api.RequestException;
import io.github.describeanything.model.segment.SegmentPrompt;
import java.nio.ByteBuffer;
import java.util.Optional;

/** The source of a region's mask on one picture: its alpha, a geometry, a mask file or clicks. Immutable. */
public interface MaskSource {

    /** A digest of everything except the picture that determines the mask. */
    ByteBuffer key();

    /**
     * The mask for a decoded picture, of the same size and never empty.
     *
     * @throws io.github.describeanything.server.errors.ApiException naming the field at fault
     */
    Mask maskFor(Picture picture);

    /**
     * The region as points or a box, for models that find it themselves; empty if it has another form.
     *
     * @throws io.github.describeanything.server.errors.ApiException naming the field at fault
     */
    default Optional<SegmentPrompt> promptFor(Picture picture) {
        return Optional.empty();
    }

    /** An error of the model about the region, with the field as the request calls it. */
    default RuntimeException refused(RequestException error) {
        return error;
    }
}
