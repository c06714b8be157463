package io.github.describeanything.server.service;

import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.features.PendingFeatures;
import io.github.describeanything.model.features.View;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.pictures.ContentDigest;
import io.github.describeanything.server.video.Sampling;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
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

    FeatureLoader(DescribeAnything model, Clips clips) {
        this.model = model;
        this.clips = clips;
    }

    /**
     * The features of each region, in order; closing releases them.
     *
     * @param first the first picture, if the model is to be asked for masks on it
     * @param masks of each region on the first picture; none unless they were asked for and are not the model's
     */
    record Loaded(List<PendingFeatures> features, Optional<RequestPicture> first, List<ReturnedMask> masks)
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
        try (Clip clip = clips.of(command.source(), command.upright())) {
            requireFrames(command.source(), clip);
            List<Integer> seen = clip.single() ? List.of(0) : evenly(clip.frames());
            List<List<MaskSource>> regions = command.regions().on(new Sampled(clip.frames(), clip.times(), seen));
            if (!model.segments()) {
                regions.forEach(FeatureLoader::requireSegmenter);
            }
            return load(command, clip, seen, regions);
        }
    }

    /** A model that follows regions itself repeats no frames. */
    private void requireFrames(DescribeCommand.Source source, Clip clip) {
        int least = model.manifest().maxFrames();
        if (source instanceof DescribeCommand.VideoFile it && model.segments() && clip.frames() < least) {
            throw ApiException.badRequest(
                    it.file().param(),
                    "wrong_picture_count",
                    "%s: the video has %d frames; this model takes %d or more"
                            .formatted(it.file().param(), clip.frames(), least));
        }
    }

    private Loaded load(DescribeCommand command, Clip clip, List<Integer> seen, List<List<MaskSource>> regions) {
        var features = new ArrayList<Optional<PendingFeatures>>();
        try {
            List<ByteBuffer> keys =
                    regions.stream().map(region -> key(clip, seen, region)).toList();
            keys.forEach(key -> features.add(model.features(key)));
            if (model.segments()) {
                new PromptedRegions(model).encode(clip, regions, keys, features);
                return new Loaded(
                        features.stream().map(Optional::orElseThrow).toList(), first(clip, command), List.of());
            }
            var needed = new TreeMap<Integer, List<MaskSource>>();
            for (int i = 0; i < keys.size(); i++) {
                if (features.get(i).isEmpty() || command.returnMasks()) {
                    needed.put(i, regions.get(i));
                }
            }
            Map<Integer, List<Framed>> masks = masks(clip, seen, needed);
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
            return new Loaded(features.stream().map(Optional::orElseThrow).toList(), Optional.empty(), returned);
        } catch (RuntimeException | Error e) {
            features.forEach(it -> it.ifPresent(PendingFeatures::close));
            throw e;
        }
    }

    private static Optional<RequestPicture> first(Clip clip, DescribeCommand command) {
        if (!command.returnMasks()) {
            return Optional.empty();
        }
        clip.load(List.of(0));
        return Optional.of(clip.picture(0));
    }

    /** Clicks need a segmenter, and so do things that are followed, unless the model finds regions itself. */
    private static void requireSegmenter(List<MaskSource> region) {
        boolean followed = region.stream().anyMatch(FollowedRegion.class::isInstance);
        for (MaskSource source : region) {
            if (followed && source instanceof NamedRegion it && it.whole()) {
                throw it.notFollowed();
            }
        }
        for (MaskSource source : region) {
            if (source instanceof FollowedRegion it && it.segmenter().isEmpty()) {
                throw it.missing();
            }
        }
        for (MaskSource source : region) {
            if (source instanceof ClickedRegion it && it.segmenter().isEmpty()) {
                throw ClickedRegion.withoutSegmenter(it.needed());
            }
        }
    }

    /** Each region on the pictures that the model sees, in order. */
    private Map<Integer, List<Framed>> masks(Clip clip, List<Integer> seen, Map<Integer, List<MaskSource>> regions) {
        var masks = new TreeMap<Integer, List<Framed>>();
        Collection<FollowedThings> things = FollowedThings.among(regions);
        if (!regions.isEmpty()) {
            clip.load(things.isEmpty() ? seen : clip.all());
        }
        for (FollowedThings followed : things) {
            List<RequestPicture> frames = clip.pictures(clip.all());
            // Tracking takes long and has a limit of its own.
            clip.loaded();
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
        regions.forEach((region, sources) -> masks.computeIfAbsent(region, it -> given(clip, seen, sources)));
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
        return IntStream.of(Sampling.even(count, model.manifest().maxFrames()))
                .boxed()
                .toList();
    }

    /** A region that nothing follows depends on the frames that are seen alone. */
    private ByteBuffer key(Clip clip, List<Integer> seen, List<MaskSource> region) {
        boolean followed = model.segments() || region.stream().anyMatch(FollowedRegion.class::isInstance);
        var parts = new ArrayList<ByteBuffer>();
        for (int frame : followed ? clip.all() : seen) {
            parts.add(clip.digest(frame));
            parts.add(region.get(frame).key());
        }
        return ContentDigest.of(ContentDigest.Kind.PICTURE_AND_REGION, parts);
    }

    /** Clicks wait for the segmenter on this thread; everything else is computed by a worker, in one task. */
    private List<Framed> given(Clip clip, List<Integer> seen, List<MaskSource> region) {
        if (seen.stream().noneMatch(it -> region.get(it) instanceof ClickedRegion)) {
            return model.onWorker(() -> seen.stream()
                    .map(i -> rasterised(clip.picture(i), region.get(i)))
                    .toList());
        }
        return seen.stream()
                .map(i -> region.get(i) instanceof ClickedRegion clicked
                        ? new Framed(clip.picture(i), clicked.maskFor(clip.picture(i), model))
                        : model.onWorker(() -> rasterised(clip.picture(i), region.get(i))))
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
