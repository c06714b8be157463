package io.github.describeanything.model.family;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.features.Encoder;
import io.github.describeanything.model.features.PictureView;
import io.github.describeanything.model.features.View;

/** How a model looks at regions of pictures. {@link #view} is thread-safe; encoding is for one thread. */
public interface RegionVision extends Encoder {
    /** Prepares a picture. Cheap: the work is done when its first region is resized. */
    PictureView view(Picture picture);

    /** A view of nothing, for a first run before any request. */
    View blank();
}
