package io.github.describeanything.server.service;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.features.PendingFeatures;
import io.github.describeanything.model.features.View;
import io.github.describeanything.server.pictures.ContentDigest;
import io.github.describeanything.server.pictures.PictureLoader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

    /** The features of each region, in order; closing releases them. */
    record Loaded(List<PendingFeatures> features) implements AutoCloseable {
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
            List<Integer> unknown = IntStream.range(0, keys.size())
                    .filter(i -> features.get(i).isEmpty())
                    .boxed()
                    .toList();
            // One task per region, so that other requests can use the workers in between.
            var masks = new ArrayList<List<Mask>>();
            for (int i : unknown) {
                masks.add(model.onWorker(() -> masks(frames, command.regions().get(i))));
            }
            for (int i = 0; i < unknown.size(); i++) {
                int region = unknown.get(i);
                List<Mask> own = masks.get(i);
                features.set(
                        region, Optional.of(model.onWorker(() -> model.encode(keys.get(region), views(frames, own)))));
            }
            return new Loaded(features.stream().map(Optional::orElseThrow).toList());
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

    private static List<Mask> masks(List<RequestPicture> frames, List<MaskSource> region) {
        return IntStream.range(0, frames.size())
                .mapToObj(i -> region.get(i).maskFor(frames.get(i).picture()))
                .toList();
    }

    private static List<View> views(List<RequestPicture> frames, List<Mask> masks) {
        return IntStream.range(0, frames.size())
                .mapToObj(i -> frames.get(i).view().under(masks.get(i)))
                .toList();
    }
}
