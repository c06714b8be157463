package io.github.describeanything.server.service;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import java.nio.ByteBuffer;

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
}
