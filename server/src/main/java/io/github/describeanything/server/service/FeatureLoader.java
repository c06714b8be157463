package io.github.describeanything.server.service;

import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.features.PendingFeatures;
import io.github.describeanything.model.features.View;
import io.github.describeanything.server.pictures.ContentDigest;
import io.github.describeanything.server.pictures.PictureLoader;
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
    private final PictureLoader pictures;

    FeatureLoader(DescribeAnything model, PictureLoader pictures) {
        this.model = model;
        this.pictures = pictures;
    }

    /**
     * The features of each region, in order; closing releases them.
     *
     * @param frames the request's pictures
     * @param masks of each region on the first picture; none unless they were asked for and are known before the model's
     */
    record Loaded(List<PendingFeatures> features, List<RequestPicture> frames, List<ReturnedMask> masks)
            implements AutoCloseable {
        @Override
        public void close() {
            features.forEach(PendingFeatures::close);
        }
    }

    /** A region on a picture that is described. */
    private record Framed(RequestPicture picture, ScoredMask mask) {}

    /** Queues the regions that are not cached for encoding. All masks are checked before the first region is queued. */
    Loaded load(DescribeCommand command) {
        List<RequestPicture> frames = command.images().stream()
                .map(it -> new RequestPicture(
                        pictures.load(it.url(), it.param()), it.param(), pictures.reader(), command.upright(), model))
                .toList();
        var features = new ArrayList<Optional<PendingFeatures>>();
        try {
            List<ByteBuffer> keys = command.regions().stream()
                    .map(region -> key(frames, region))
                    .toList();
            keys.forEach(key -> features.add(model.features(key)));
            if (model.segments()) {
                new PromptedRegions(model).encode(command, frames, keys, features);
                return new Loaded(features.stream().map(Optional::orElseThrow).toList(), frames, List.of());
            }
            var needed = new TreeMap<Integer, List<MaskSource>>();
            for (int i = 0; i < keys.size(); i++) {
                if (features.get(i).isEmpty() || command.returnMasks()) {
                    needed.put(i, command.regions().get(i));
                }
            }
            Map<Integer, List<Framed>> masks = masks(frames, needed);
            masks.forEach((region, own) -> {
                if (features.get(region).isEmpty()) {
                    features.set(region, Optional.of(model.onWorker(() -> model.encode(keys.get(region), views(own)))));
                }
            });
            List<ReturnedMask> returned = command.returnMasks()
                    ? model.onWorker(() -> masks.values().stream()
                            .map(it -> ReturnedMask.of(it.getFirst().mask()))
                            .toList())
                    : List.of();
            return new Loaded(features.stream().map(Optional::orElseThrow).toList(), frames, returned);
        } catch (RuntimeException | Error e) {
            features.forEach(it -> it.ifPresent(PendingFeatures::close));
            throw e;
        }
    }

    /** Each region on the pictures that the model sees, in order. */
    private Map<Integer, List<Framed>> masks(List<RequestPicture> frames, Map<Integer, List<MaskSource>> regions) {
        var masks = new TreeMap<Integer, List<Framed>>();
        for (FollowedThings followed : FollowedThings.among(regions)) {
            new VideoTracker(model, followed.segmenter())
                    .track(
                            frames,
                            followed.marks(),
                            true,
                            (frame, visit, visits) -> model.onWorker(() -> {
                                followed.add(frame);
                                return visit;
                            }));
            followed.found().forEach((region, found) -> masks.put(region, described(frames, found)));
        }
        // One task per region, so that other requests can use the workers in between.
        regions.forEach((region, sources) -> masks.computeIfAbsent(region, it -> given(frames, sources)));
        return masks;
    }

    private List<Framed> described(List<RequestPicture> frames, FollowedThings.Found found) {
        List<Integer> visible = found.frames();
        return model.onWorker(() -> evenly(visible.size()).stream()
                .map(visible::get)
                .map(it -> new Framed(frames.get(it), found.mask(it)))
                .toList());
    }

    /**
     * Which of {@code count} frames the model sees: as many as it was trained with, evenly spread from the first to the
     * last (published code). Frames are repeated if there are fewer.
     */
    private List<Integer> evenly(int count) {
        int seen = model.manifest().maxFrames();
        return IntStream.range(0, seen)
                .mapToObj(i -> i * (count - 1) / (seen - 1))
                .toList();
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
    private List<Framed> given(List<RequestPicture> frames, List<MaskSource> region) {
        List<Integer> seen = frames.size() == 1 ? List.of(0) : evenly(frames.size());
        if (region.stream().noneMatch(ClickedRegion.class::isInstance)) {
            return model.onWorker(() -> seen.stream()
                    .map(i -> rasterised(frames.get(i), region.get(i)))
                    .toList());
        }
        return seen.stream()
                .map(i -> region.get(i) instanceof ClickedRegion clicked
                        ? new Framed(frames.get(i), clicked.maskFor(frames.get(i), model))
                        : model.onWorker(() -> rasterised(frames.get(i), region.get(i))))
                .toList();
    }

    private static Framed rasterised(RequestPicture frame, MaskSource source) {
        return new Framed(frame, new ScoredMask(source.maskFor(frame.picture()), Optional.empty()));
    }

    private static List<View> views(List<Framed> region) {
        return region.stream()
                .map(it -> it.picture().view().region(it.mask().mask()))
                .toList();
    }
}
