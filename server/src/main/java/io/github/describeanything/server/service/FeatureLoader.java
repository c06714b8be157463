package io.github.describeanything.server.service;

import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.features.PendingFeatures;
import io.github.describeanything.model.features.View;
import io.github.describeanything.server.service.ClipMasks.Shown;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Loads the features of a command's regions. Thread-safe.
 *
 * <p>Pictures are fetched on the caller's thread and decoded on the model's workers, each once; each region is
 * rasterised once. Regions whose features are cached or being computed need neither.
 */
final class FeatureLoader {
    private final DescribeAnything model;
    private final Clips clips;
    private final ClipMasks clipMasks;

    FeatureLoader(DescribeAnything model, Clips clips, ClipMasks clipMasks) {
        this.model = model;
        this.clips = clips;
        this.clipMasks = clipMasks;
    }

    /**
     * The features of each region, in order; closing releases them.
     *
     * @param masks of each region on the first picture; none unless they were asked for
     */
    record Loaded(List<PendingFeatures> features, List<ReturnedMask> masks) implements AutoCloseable {
        @Override
        public void close() {
            features.forEach(PendingFeatures::close);
        }
    }

    /** Queues the regions that are not cached for encoding. All masks are checked before the first region is queued. */
    Loaded load(DescribeCommand command) {
        try (Clip clip = clips.of(command.source(), command.upright())) {
            return load(command, clip);
        }
    }

    private Loaded load(DescribeCommand command, Clip clip) {
        List<RegionMarks> regions =
                command.regions().stream().map(it -> new RegionMarks(clip, it)).toList();
        List<Integer> described = clipMasks.described(clip);
        clipMasks.requireMarks(regions, described);
        List<ByteBuffer> keys = regions.stream()
                .map(it -> it.cover(described) ? it.key(described) : it.trackedKey())
                .toList();
        var features = new ArrayList<Optional<PendingFeatures>>();
        try {
            keys.forEach(key -> features.add(model.features(key)));
            var wanted = new TreeMap<Integer, RegionMarks>();
            for (int i = 0; i < keys.size(); i++) {
                if (features.get(i).isEmpty() || command.returnMasks()) {
                    wanted.put(i, regions.get(i));
                }
            }
            Map<Integer, Shown> shown = clipMasks.of(clip, wanted, described);
            // One task per region, so that other requests can use the workers in between.
            for (int i = 0; i < keys.size(); i++) {
                if (features.get(i).isEmpty()) {
                    Shown own = shown.get(i);
                    ByteBuffer key = keys.get(i);
                    features.set(i, Optional.of(model.onWorker(() -> model.encode(key, views(own)))));
                }
            }
            List<ReturnedMask> returned = command.returnMasks()
                    ? model.onWorker(() -> IntStream.range(0, keys.size())
                            .mapToObj(i -> ReturnedMask.of(shown.get(i).masks().getFirst()))
                            .toList())
                    : List.of();
            return new Loaded(features.stream().map(Optional::orElseThrow).toList(), returned);
        } catch (RuntimeException | Error e) {
            features.forEach(it -> it.ifPresent(PendingFeatures::close));
            throw e;
        }
    }

    private static List<View> views(Shown region) {
        return IntStream.range(0, region.frames().size())
                .mapToObj(i ->
                        region.frames().get(i).view().region(region.masks().get(i).mask()))
                .toList();
    }
}
