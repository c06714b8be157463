package io.github.describeanything.model.family;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.features.Encoder;
import io.github.describeanything.model.features.PictureView;
import io.github.describeanything.model.features.RegionFeatures;
import io.github.describeanything.model.features.View;
import io.github.describeanything.model.segment.SubjectMask;
import java.util.List;

/**
 * The vision side of a model: views of regions and their embeddings. {@link #view} is thread-safe; encoding is for one
 * thread.
 */
public interface RegionVision extends Encoder {
    /** Prepares a picture. Cheap: resizing happens with its first region. */
    PictureView view(Picture picture);

    /** An empty view, for warming up. */
    View blank();

    /** Whether this family finds regions itself: then pictures are {@link PromptedView}s, and {@link #masks} returns them. */
    default boolean segments() {
        return false;
    }

    /** Whether one run may encode several views; if not, views may differ in the length of their embeddings. */
    default boolean batches() {
        return true;
    }

    /** The masks that this family found itself, one per frame, kept behind the embeddings; none unless it segments. */
    default List<SubjectMask> masks(RegionFeatures features) {
        return List.of();
    }
}
