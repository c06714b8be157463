package io.github.describeanything.server.service;

import io.github.describeanything.focal.region.RunLengths;
import io.github.describeanything.model.Segmenter;
import io.github.describeanything.model.Tracking;
import io.github.describeanything.model.segment.TrackedFrame;
import io.github.describeanything.model.segment.TrackedMask;
import io.github.describeanything.server.errors.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The regions of a video that are marked on some of its frames and followed through the others. Used by one thread at a time.
 */
final class FollowedThings {
    private final Map<Integer, Found> byRegion = new TreeMap<>();
    private final List<MarkedThing> marks = new ArrayList<>();
    private Optional<Segmenter> segmenter = Optional.empty();

    /** @param regions for each region by its number, a mask source per frame */
    FollowedThings(Map<Integer, List<MaskSource>> regions) {
        regions.forEach((region, sources) -> sources.stream()
                .filter(FollowedRegion.class::isInstance)
                .map(FollowedRegion.class::cast)
                .findFirst()
                .ifPresent(it -> add(region, sources, it.segmenter().orElseThrow())));
        if (byRegion.size() > Tracking.MAX_OBJECTS) {
            throw ApiException.badValue(
                    "regions",
                    "regions: %d regions are to be followed; at most %d of a video can be"
                            .formatted(byRegion.size(), Tracking.MAX_OBJECTS));
        }
    }

    private void add(int region, List<MaskSource> sources, Segmenter follows) {
        segmenter = Optional.of(follows);
        byRegion.put(region, new Found());
        for (int frame = 0; frame < sources.size(); frame++) {
            if (!(sources.get(frame) instanceof FollowedRegion)) {
                marks.add(new MarkedThing(frame, region, sources.get(frame)));
            }
        }
    }

    /** Where one region was seen; masks are kept as run lengths, because a video has many. */
    static final class Found {
        private final TreeMap<Integer, ReturnedMask> masks = new TreeMap<>();

        /** The frames on which it is in sight, in order; at least one. */
        List<Integer> frames() {
            if (masks.isEmpty()) {
                throw ApiException.badRequest(
                        "regions", "empty_mask", "regions: the segmenter found nothing there; mark the thing itself");
            }
            return List.copyOf(masks.keySet());
        }

        /** CPU-bound. */
        ScoredMask mask(int frame) {
            ReturnedMask found = Objects.requireNonNull(masks.get(frame));
            RunLengths mask = found.mask();
            return new ScoredMask(mask.rasterise(mask.width(), mask.height()), found.score());
        }
    }

    boolean isEmpty() {
        return byRegion.isEmpty();
    }

    Segmenter segmenter() {
        return segmenter.orElseThrow();
    }

    List<MarkedThing> marks() {
        return marks;
    }

    /** The latest result of a frame. CPU-bound. */
    void add(TrackedFrame frame) {
        for (TrackedMask it : frame.masks()) {
            Map<Integer, ReturnedMask> own = Objects.requireNonNull(byRegion.get(it.object())).masks;
            if (it.mask().count() == 0) {
                own.remove(frame.frame());
            } else {
                own.put(frame.frame(), ReturnedMask.of(new ScoredMask(it.mask(), Optional.of(it.score()))));
            }
        }
    }

    /** Each region's masks. */
    Map<Integer, Found> found() {
        return byRegion;
    }
}
