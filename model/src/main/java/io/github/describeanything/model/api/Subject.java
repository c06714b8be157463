package io.github.describeanything.model.api;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;

/**
 * A picture and the region in it to describe. Immutable and thread-safe.
 *
 * @param picture the colours; its alpha channel is ignored
 * @param mask the region, of the picture's size, with at least one pixel inside
 */
public record Subject(Picture picture, Mask mask) {
    /**
     * @throws IllegalArgumentException if the sizes differ
     * @throws RequestException if the mask is empty
     */
    public Subject {
        if (mask.width() != picture.width() || mask.height() != picture.height()) {
            throw new IllegalArgumentException("A mask of %d x %d does not fit a picture of %d x %d"
                    .formatted(mask.width(), mask.height(), picture.width(), picture.height()));
        }
        if (mask.box().isEmpty()) {
            throw RequestException.emptyMask();
        }
    }

    /**
     * The region that a picture's alpha channel marks: every pixel whose alpha is above 0.
     *
     * @throws RequestException if the picture has no alpha channel, or its alpha is 0 everywhere
     */
    public static Subject of(Picture picture) {
        Mask mask = picture.mask()
                .orElseThrow(
                        () -> new RequestException(
                                "messages",
                                "missing_mask",
                                "The picture has no alpha channel: send an RGBA picture whose alpha is above 0 inside the region"));
        return new Subject(picture, mask);
    }
}
