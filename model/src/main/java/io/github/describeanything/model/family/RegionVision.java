package io.github.describeanything.model.family;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.features.Encoder;
import io.github.describeanything.model.features.PictureView;
import io.github.describeanything.model.features.View;

/**
 * The vision side of a model: views of regions and their embeddings. {@link #view} is thread-safe; encoding is for one
 * thread.
 */
public interface RegionVision extends Encoder {
    /** Prepares a picture. Cheap: resizing happens with its first region. */
    PictureView view(Picture picture);

    /** An empty view, for warming up. */
    View blank();
}
