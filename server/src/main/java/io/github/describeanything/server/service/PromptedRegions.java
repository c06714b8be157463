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
import io.github.describeanything.server.errors.ApiException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;

/** The regions of a request to a model that finds regions itself: what goes in, and the masks that come back. Stateless. */
record PromptedRegions(DescribeAnything model) {
    /** Queues the regions that are not cached for encoding. */
    void encode(
            Clip clip,
            List<List<MaskSource>> regions,
            List<ByteBuffer> keys,
            List<Optional<PendingFeatures>> features) {
        for (int i = 0; i < keys.size(); i++) {
            if (features.get(i).isEmpty()) {
                ByteBuffer key = keys.get(i);
                List<MaskSource> region = regions.get(i);
                requireMarkOnFirstFrame(region);
                clip.load(clip.all());
                List<RequestPicture> frames = clip.pictures(clip.all());
                features.set(i, Optional.of(model.onWorker(() -> model.encode(key, views(frames, region)))));
            }
        }
    }

    /** The model follows a region from the first frame of a clip on; masks in alpha count there only. */
    private static void requireMarkOnFirstFrame(List<MaskSource> region) {
        if (region.getFirst() instanceof FollowedRegion) {
            throw ApiException.badValue(
                    "regions", "regions: mark the region on frame 0, from which this model follows it");
        }
        for (MaskSource later : region) {
            String path = switch (later) {
                case NamedRegion it -> it.path();
                case ClickedRegion it -> it.path();
                default -> "";
            };
            if (!path.isEmpty() && !later.equals(region.getFirst())) {
                throw ApiException.badValue(
                        path + ".frame", path + ".frame must be 0, from which this model follows the region");
            }
        }
    }

    private static List<View> views(List<RequestPicture> frames, List<MaskSource> region) {
        var views = new ArrayList<View>();
        for (RequestPicture frame : frames) {
            Picture picture = frame.picture();
            Picture first = frames.getFirst().picture();
            if (picture.width() != first.width() || picture.height() != first.height()) {
                throw frame.otherSize(picture.width(), picture.height(), first.width(), first.height());
            }
            views.add(views.isEmpty() ? marked(frame, region.getFirst()) : ((PromptedView) frame.view()).frame());
        }
        return views;
    }

    /** Points and boxes as they are, everything else as a mask. */
    private static View marked(RequestPicture frame, MaskSource source) {
        Picture picture = frame.picture();
        var view = (PromptedView) frame.view();
        try {
            return source.promptFor(picture).map(view::region).orElseGet(() -> view.region(source.maskFor(picture)));
        } catch (RequestException e) {
            throw source.refused(e);
        }
    }

    /**
     * The masks that the model found. It knows them once the regions are encoded; this waits for it.
     *
     * @throws CancellationException if the calling thread is interrupted
     */
    List<ReturnedMask> masks(FeatureLoader.Loaded regions) {
        var masks = new ArrayList<ReturnedMask>();
        for (PendingFeatures region : regions.features()) {
            List<SubjectMask> found = model.masks(encoded(region));
            masks.add(model.onWorker(() -> {
                Picture picture = regions.first().orElseThrow().picture();
                return ReturnedMask.of(found, picture.width(), picture.height());
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
}
