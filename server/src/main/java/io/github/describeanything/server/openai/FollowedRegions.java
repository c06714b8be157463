package io.github.describeanything.server.openai;

import io.github.describeanything.focal.region.Box;
import io.github.describeanything.focal.region.Scribble;
import io.github.describeanything.model.Segmenter;
import io.github.describeanything.model.segment.SegmentPrompt;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.service.ClickedRegion;
import io.github.describeanything.server.service.Clicks;
import io.github.describeanything.server.service.FollowedRegion;
import io.github.describeanything.server.service.MaskSource;
import io.github.describeanything.server.service.NamedRegion;
import io.github.describeanything.server.service.NamedRegion.Outline;
import java.util.List;
import java.util.Optional;

/**
 * Regions that are marked on some frames of a video and followed by the segmenter. Immutable.
 *
 * @param segmenter empty if the server has none: then every frame must be marked, unless the model follows things itself
 */
record FollowedRegions(Optional<Segmenter> segmenter) {

    /** The region on a frame where it is not marked. @param missing the error if nothing can follow it */
    MaskSource unmarked(ApiException missing) {
        return new FollowedRegion(segmenter, missing);
    }

    /** The region on a frame where it is: a box or a scribble marks a thing, as points do; other shapes are its mask. */
    MaskSource marked(MaskSource entry) {
        if (!(entry instanceof NamedRegion named && named.shape() instanceof Outline outline)) {
            return entry;
        }
        return switch (outline.region()) {
            case Box it -> {
                var box = new SegmentPrompt.Box(it.x0(), it.y0(), it.x1(), it.y1());
                yield clicked(named, new Clicks(List.of(), Optional.of(box), outline.fractions()));
            }
            case Scribble it -> clicked(named, ClicksReader.ofLine(it.points(), outline.fractions()));
            default -> named;
        };
    }

    private MaskSource clicked(NamedRegion named, Clicks clicks) {
        return new ClickedRegion(
                named.path(), named.inText(), named.path(), clicks, RegionsReader.key(clicks), segmenter);
    }
}
