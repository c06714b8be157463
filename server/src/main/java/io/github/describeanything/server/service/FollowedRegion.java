package io.github.describeanything.server.service;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.Segmenter;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.pictures.ContentDigest;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A thing on a frame of a video where it is not marked: the segmenter follows it there from the frames where it is.
 * Immutable.
 *
 * @param segmenter the server's, which models that follow things themselves do without
 * @param missing the error without either
 */
public record FollowedRegion(Optional<Segmenter> segmenter, ApiException missing) implements MaskSource {
    private static final ByteBuffer KEY = ContentDigest.of(ContentDigest.Kind.FOLLOWED, "");

    @Override
    public ByteBuffer key() {
        return KEY.duplicate();
    }

    /** Never asked for alone: it depends on the other frames. */
    @Override
    public Mask maskFor(Picture picture) {
        throw new UnsupportedOperationException("Followed through all frames at once");
    }
}
