package io.github.describeanything.server.service;

import io.github.describeanything.focal.region.RunLengths;
import io.github.describeanything.model.Segmenter;
import io.github.describeanything.model.Tracking;
import io.github.describeanything.model.segment.TrackedFrame;
import io.github.describeanything.model.segment.TrackedMask;
import io.github.describeanything.server.errors.ApiException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Regions of a video that are marked on some of its frames and followed through the others, all from the same first frame on.
 * Used by one thread at a time.
 */
final class FollowedThings {
    private final Segmenter segmenter;
    private final Map<Integer, Found> byRegion = new TreeMap<>();
    private final List<MarkedThing> marks = new ArrayList<>();

    private FollowedThings(Segmenter segmenter) {
        this.segmenter = segmenter;
    }

    /**
     * Those among some regions, by the first frame that they are marked on: passes begin there, and what is found of a region
     * must not depend on the others.
     *
     * @param regions for each region by its number, a mask source per frame
     */
    static Collection<FollowedThings> among(Map<Integer, List<MaskSource>> regions) {
        var byStart = new TreeMap<Integer, FollowedThings>();
        regions.forEach((region, sources) -> sources.stream()
                .filter(FollowedRegion.class::isInstance)
                .map(it -> ((FollowedRegion) it).segmenter().orElseThrow())
                .findFirst()
                .ifPresent(segmenter -> {
                    List<MarkedThing> own = marks(region, sources);
                    byStart.computeIfAbsent(own.getFirst().frame(), it -> new FollowedThings(segmenter))
                            .add(region, own);
                }));
        int count = byStart.values().stream().mapToInt(it -> it.byRegion.size()).sum();
        if (count > Tracking.MAX_OBJECTS) {
            throw ApiException.badValue(
                    "regions",
                    "regions: %d regions are to be followed; at most %d of a video can be"
                            .formatted(count, Tracking.MAX_OBJECTS));
        }
        return byStart.values();
    }

    private static List<MarkedThing> marks(int region, List<MaskSource> sources) {
        return IntStream.range(0, sources.size())
                .filter(it -> !(sources.get(it) instanceof FollowedRegion))
                .mapToObj(it -> new MarkedThing(it, region, sources.get(it)))
                .toList();
    }

    private void add(int region, List<MarkedThing> own) {
        byRegion.put(region, new Found());
        marks.addAll(own);
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

    Segmenter segmenter() {
        return segmenter;
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
