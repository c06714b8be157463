package io.github.describeanything.server.service;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.region.Whole;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.pictures.ContentDigest;
import io.github.describeanything.server.pictures.ContentDigest.Kind;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The mask in a picture's alpha channel. Immutable.
 *
 * @param param the picture's field, for errors about a missing or empty mask
 */
public record AlphaMask(String param, MissingMask missing) implements MaskSource {

    @Override
    public ByteBuffer key() {
        return ContentDigest.of(Kind.ALPHA, missing.name());
    }

    @Override
    public Mask maskFor(Picture picture) {
        Optional<Mask> alpha = picture.mask();
        if (alpha.isEmpty() && missing == MissingMask.WHOLE) {
            return new Whole().rasterise(picture.width(), picture.height());
        }
        Mask mask = alpha.orElseThrow(() -> ApiException.badRequest(
                param,
                "missing_mask",
                "The picture has no alpha channel and the request has no region. Send an RGBA picture whose alpha is above 0"
                        + " inside the region, or send regions, or write @box(x0, y0, x1, y1) or @whole in the question."
                        + " With --missing-mask whole, the server describes the whole picture"));
        if (mask.box().isEmpty()) {
            throw ApiException.badRequest(
                    param, "empty_mask", "The mask is empty: alpha is 0 everywhere; make it above 0 inside the region");
        }
        return mask;
    }
}
