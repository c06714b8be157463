package io.github.describeanything.server.service;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import java.nio.ByteBuffer;

/** Where the mask of a region on one picture comes from: its alpha, a geometry, a mask file, clicks. Immutable. */
public interface MaskSource {

    /** A digest of everything but the picture that decides the mask. */
    ByteBuffer key();

    /**
     * The mask on a decoded picture, at its size and never empty.
     *
     * @throws io.github.describeanything.server.errors.ApiException naming the field at fault
     */
    Mask maskFor(Picture picture);
}
