package io.github.describeanything.server.service;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.api.ModelException;
import io.github.describeanything.model.api.RequestException;
import io.github.describeanything.model.family.PromptedView;
import io.github.describeanything.model.features.PendingFeatures;
import io.github.describeanything.model.features.RegionFeatures;
import io.github.describeanything.model.features.View;
import io.github.describeanything.model.segment.SubjectMask;
import io.github.describeanything.server.pictures.ContentDigest;
import io.github.describeanything.server.pictures.PictureLoader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
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
    record Loaded(
            List<PendingFeatures> features,
            List<RequestPicture> frames,
            boolean returnMasks,
            List<ReturnedMask> masks)
            implements AutoCloseable {
        @Override
        public void close() {
            features.forEach(PendingFeatures::close);
        }
    }

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
            // One task per region, so that other requests can use the workers in between.
            var masks = new TreeMap<Integer, List<ScoredMask>>();
            for (int i = 0; i < keys.size(); i++) {
                if (model.segments()) {
                    if (features.get(i).isEmpty()) {
                        ByteBuffer key = keys.get(i);
                        List<MaskSource> region = command.regions().get(i);
                        features.set(i, Optional.of(model.onWorker(() -> model.encode(key, prompted(frames, region)))));
                    }
                } else if (features.get(i).isEmpty() || command.returnMasks()) {
                    masks.put(i, masks(frames, command.regions().get(i)));
                }
            }
            masks.forEach((region, own) -> {
                if (features.get(region).isEmpty()) {
                    features.set(
                            region,
                            Optional.of(model.onWorker(() -> model.encode(keys.get(region), views(frames, own)))));
                }
            });
            List<ReturnedMask> returned = !masks.isEmpty() && command.returnMasks()
                    ? model.onWorker(() -> masks.values().stream()
                            .map(it -> ReturnedMask.of(it.getFirst()))
                            .toList())
                    : List.of();
            return new Loaded(
                    features.stream().map(Optional::orElseThrow).toList(), frames, command.returnMasks(), returned);
        } catch (RuntimeException | Error e) {
            features.forEach(it -> it.ifPresent(PendingFeatures::close));
            throw e;
        }
    }

    /**
     * The masks to return. A model that finds regions itself knows them once they are encoded; this waits for it.
     *
     * @throws CancellationException if the calling thread is interrupted
     */
    List<ReturnedMask> masks(Loaded regions) {
        if (!regions.returnMasks() || !model.segments()) {
            return regions.masks();
        }
        var masks = new ArrayList<ReturnedMask>();
        for (PendingFeatures region : regions.features()) {
            SubjectMask first = model.masks(encoded(region)).getFirst();
            masks.add(model.onWorker(() -> {
                Picture picture = regions.frames().getFirst().picture();
                return ReturnedMask.of(first, picture.width(), picture.height());
            }));
        }
        return masks;
    }

    private static RegionFeatures encoded(PendingFeatures region) {
        try {
            return region.features().get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof ModelException cause
                    ? cause
                    : new ModelException("Encoding the region failed", e);
        }
    }

    /** Points and boxes as they are, everything else as a mask. */
    private static List<View> prompted(List<RequestPicture> frames, List<MaskSource> region) {
        return IntStream.range(0, frames.size())
                .mapToObj(i -> {
                    Picture picture = frames.get(i).picture();
                    var view = (PromptedView) frames.get(i).view();
                    MaskSource source = region.get(i);
                    try {
                        return source.promptFor(picture).map(view::region).orElseGet(() -> view.region(source.maskFor(picture)));
                    } catch (RequestException e) {
                        throw source.refused(e);
                    }
                })
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
