package io.github.describeanything.server.service;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.Segmenter;
import io.github.describeanything.model.api.RequestException;
import io.github.describeanything.model.segment.EmbeddedPicture;
import io.github.describeanything.model.segment.MaskCandidate;
import io.github.describeanything.model.segment.SegmentPrompt;
import io.github.describeanything.model.segment.Segmentation;
import io.github.describeanything.server.errors.ApiException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The mask of a thing that was clicked on, boxed or scribbled over, made by the segmenter. Immutable.
 *
 * @param path where in the request it stands: {@code regions[3]}, or the text that it is written in
 * @param inText whether it is written in the user's text, where it has no fields
 * @param needed the field that needs a segmenter
 * @param key a digest of the clicks
 * @param segmenter the server's, which models that find regions themselves do without
 */
public record ClickedRegion(
        String path, boolean inText, String needed, Clicks clicks, ByteBuffer key, Optional<Segmenter> segmenter)
        implements MaskSource {

    /** The mask on a picture of unknown origin: its pixels are its key. */
    @Override
    public Mask maskFor(Picture picture) {
        NamedRegion.requireNoMaskIn(picture, path, inText);
        try {
            return found(required().segment(picture, clicks.on(picture.width(), picture.height())))
                    .mask();
        } catch (RequestException e) {
            throw refused(e);
        }
    }

    /**
     * The mask on a picture of a request, whose embedding it shares with every other request about the same file. Waits
     * for the segmenter, so a worker must not call it.
     */
    ScoredMask maskFor(RequestPicture picture, DescribeAnything model) {
        Picture pixels = model.onWorker(picture::picture);
        NamedRegion.requireNoMaskIn(pixels, path, inText);
        Segmenter segmenter = required();
        try (EmbeddedPicture embedded =
                segmenter.find(picture.digest()).orElseGet(() -> segmenter.embed(picture.digest(), pixels))) {
            var prompt = clicks.on(pixels.width(), pixels.height());
            MaskCandidate best = found(segmenter.segment(embedded, prompt, 1));
            return new ScoredMask(best.mask(), Optional.of(best.score()));
        } catch (RequestException e) {
            throw refused(e);
        }
    }

    private MaskCandidate found(Segmentation segmentation) {
        MaskCandidate best = segmentation.best();
        if (best.mask().box().isEmpty()) {
            throw ApiException.badRequest(
                    path, "empty_mask", path + ": the segmenter found nothing there; click on the thing itself");
        }
        return best;
    }

    @Override
    public Optional<SegmentPrompt> promptFor(Picture picture) {
        NamedRegion.requireNoMaskIn(picture, path, inText);
        try {
            return Optional.of(clicks.on(picture.width(), picture.height()));
        } catch (RequestException e) {
            throw refused(e);
        }
    }

    private Segmenter required() {
        return segmenter.orElseThrow(() -> withoutSegmenter(needed));
    }

    /** Refuses what only a segmenter can answer. */
    public static ApiException withoutSegmenter(String param) {
        return ApiException.badRequest(
                param,
                "no_segmenter",
                "This server has no segmenter, which turns points into masks: start it with --segmenter BUNDLE");
    }

    @Override
    public ApiException refused(RequestException e) {
        String param = inText ? path : path + "." + e.param();
        return ApiException.badRequest(param, e.code(), path + (inText ? ": " : ".") + e.getMessage());
    }
}
