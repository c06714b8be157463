package io.github.describeanything.server.service;

import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.features.PendingFeatures;
import io.github.describeanything.model.features.View;
import io.github.describeanything.server.pictures.ContentDigest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
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
    private final ClipLoader clips;

    FeatureLoader(DescribeAnything model, ClipLoader clips) {
        this.model = model;
        this.clips = clips;
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
        Clip clip = clips.load(command);
        List<RequestPicture> frames = clip.frames();
        var features = new ArrayList<Optional<PendingFeatures>>();
        try {
            List<ByteBuffer> keys =
                    clip.regions().stream().map(region -> key(frames, region)).toList();
            keys.forEach(key -> features.add(model.features(key)));
            // One task per region, so that other requests can use the workers in between.
            var masks = new TreeMap<Integer, List<ScoredMask>>();
            for (int i = 0; i < keys.size(); i++) {
                if (features.get(i).isEmpty() || command.returnMasks()) {
                    masks.put(i, masks(frames, clip.regions().get(i)));
                }
            }
            masks.forEach((region, own) -> {
                if (features.get(region).isEmpty()) {
                    features.set(
                            region,
                            Optional.of(model.onWorker(() -> model.encode(keys.get(region), views(frames, own)))));
                }
            });
            List<ReturnedMask> returned = command.returnMasks()
                    ? model.onWorker(() -> masks.values().stream()
                            .map(it -> ReturnedMask.of(it.getFirst()))
                            .toList())
                    : List.of();
            return new Loaded(features.stream().map(Optional::orElseThrow).toList(), returned);
        } catch (RuntimeException | Error e) {
            features.forEach(it -> it.ifPresent(PendingFeatures::close));
            throw e;
        }
    }

    private static ByteBuffer key(List<RequestPicture> frames, List<MaskSource> region) {
        var parts = new ArrayList<ByteBuffer>();
        for (int i = 0; i < frames.size(); i++) {
            parts.add(frames.get(i).digest());
            parts.add(region.get(i).key());
        }
        return ContentDigest.of(ContentDigest.Kind.PICTURE_AND_REGION, parts);
    }

    /** Clicks wait for the segmenter on this thread; everything else is computed by a worker, in one task. */
    private List<ScoredMask> masks(List<RequestPicture> frames, List<MaskSource> region) {
        if (region.stream().noneMatch(ClickedRegion.class::isInstance)) {
            return model.onWorker(() -> IntStream.range(0, frames.size())
                    .mapToObj(i -> rasterised(frames.get(i), region.get(i)))
                    .toList());
        }
        return IntStream.range(0, frames.size())
                .mapToObj(i -> region.get(i) instanceof ClickedRegion clicked
                        ? clicked.maskFor(frames.get(i), model)
                        : model.onWorker(() -> rasterised(frames.get(i), region.get(i))))
                .toList();
    }

    private static ScoredMask rasterised(RequestPicture frame, MaskSource source) {
        return new ScoredMask(source.maskFor(frame.picture()), Optional.empty());
    }

    private static List<View> views(List<RequestPicture> frames, List<ScoredMask> masks) {
        return IntStream.range(0, frames.size())
                .mapToObj(i -> frames.get(i).view().region(masks.get(i).mask()))
                .toList();
    }
}
