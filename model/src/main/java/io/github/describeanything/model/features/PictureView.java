package io.github.describeanything.model.features;

import io.github.describeanything.focal.Mask;

/**
 * A picture prepared for the vision graph; what its regions share is computed once, with the first region. Thread-safe.
 */
public interface PictureView {
    /**
     * Resizes one region of the picture. CPU-bound.
     *
     * @param mask the region, of the picture's size
     * @throws IllegalArgumentException if the sizes differ
     * @throws io.github.describeanything.model.api.RequestException if the mask is empty
     */
    View region(Mask mask);
}
