package io.github.describeanything.model.family;

import io.github.describeanything.model.features.PictureView;
import io.github.describeanything.model.features.View;
import io.github.describeanything.model.segment.SegmentPrompt;

/** A picture whose regions may be marked by points or a box, for families that find the region themselves. Thread-safe. */
public interface PromptedView extends PictureView {
    /**
     * The region that a prompt marks, with its coordinates as they are. CPU-bound.
     *
     * @throws io.github.describeanything.model.api.RequestException if the family does not take such a prompt
     */
    View region(SegmentPrompt prompt);

    /** The picture as a later frame of a clip, on whose first frame the region is marked. */
    View frame();
}
