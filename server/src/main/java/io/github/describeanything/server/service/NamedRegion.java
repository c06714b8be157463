package io.github.describeanything.server.service;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.codec.PictureReader;
import io.github.describeanything.focal.region.Box;
import io.github.describeanything.focal.region.Drawn;
import io.github.describeanything.focal.region.Region;
import io.github.describeanything.focal.region.RegionException;
import io.github.describeanything.focal.region.RunLengths;
import io.github.describeanything.focal.region.Whole;
import io.github.describeanything.model.api.RequestException;
import io.github.describeanything.model.segment.SegmentPrompt;
import io.github.describeanything.server.errors.ApiException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A region given in the request, outside of the picture. Immutable.
 *
 * @param path its path in the request: {@code regions[3]}, or that of the text it is written in
 * @param inText whether it is written in the user's text, so errors cannot name its fields
 * @param key a digest of everything that determines the mask
 */
public record NamedRegion(String path, boolean inText, Shape shape, ByteBuffer key) implements MaskSource {

    /** How a region is given. */
    public sealed interface Shape {}

    /** Coordinates or a list of run lengths. @param fractions whether coordinates are fractions of width and height */
    public record Outline(Region region, boolean fractions) implements Shape {}

    /** Run lengths in COCO's compressed form, parsed late because they can become four times as large. */
    public record CompressedRle(int height, int width, String counts) implements Shape {}

    /** A mask file. @param reader decodes it */
    public record MaskFile(byte[] encoded, PictureReader reader) implements Shape {}

    @Override
    public Mask maskFor(Picture picture) {
        int width = picture.width();
        int height = picture.height();
        requireNoMaskIn(picture, path, inText);
        try {
            return switch (shape) {
                case Outline it ->
                    (it.fractions ? it.region.ofFractions(width, height) : it.region).rasterise(width, height);
                case CompressedRle it ->
                    RunLengths.ofString(it.height, it.width, it.counts).rasterise(width, height);
                case MaskFile it -> new Drawn(it.reader.readMask(it.encoded)).rasterise(width, height);
            };
        } catch (RegionException e) {
            throw inText
                    ? ApiException.badRequest(path, "invalid_region", path + ": @" + e.field() + ": " + e.getMessage())
                    : refused(path + "." + e.field(), "invalid_region", e);
        } catch (PictureException e) {
            boolean large = e.reason() == PictureException.Reason.TOO_LARGE;
            throw refused(path + ".mask", large ? "image_too_large" : "invalid_image", e);
        }
    }

    @Override
    public Optional<SegmentPrompt> promptFor(Picture picture) {
        if (!(shape instanceof Outline it)) {
            return Optional.empty();
        }
        requireNoMaskIn(picture, path, inText);
        Region region = it.fractions ? it.region.ofFractions(picture.width(), picture.height()) : it.region;
        try {
            return switch (region) {
                case Box box -> Optional.of(SegmentPrompt.box(box.x0(), box.y0(), box.x1(), box.y1()));
                case Whole ignored -> Optional.of(SegmentPrompt.box(0, 0, picture.width(), picture.height()));
                default -> Optional.empty();
            };
        } catch (RequestException e) {
            throw refused(e);
        }
    }

    @Override
    public ApiException refused(RequestException error) {
        String param = inText ? path : path + "." + error.param();
        return ApiException.badRequest(param, error.code(), path + (inText ? ": " : ".") + error.getMessage());
    }

    /** Whether it covers the whole picture, whatever its size. */
    public boolean whole() {
        return shape instanceof Outline it && it.region instanceof Whole;
    }

    /** The error for the whole picture as a thing to be followed through a video. */
    ApiException notFollowed() {
        return ApiException.badRequest(
                path,
                "invalid_region",
                path + ": the whole picture cannot be followed: mark it on every frame, or mark a thing");
    }

    /** Refuses a picture that has a mask of its own. Alpha that is 0 nowhere is none: screenshots have such a channel. */
    static void requireNoMaskIn(Picture picture, String path, boolean inText) {
        int pixels = picture.width() * picture.height();
        if (picture.mask().filter(it -> it.count() < pixels).isPresent()) {
            throw ApiException.badRequest(
                    inText ? path : "regions",
                    "mask_and_regions",
                    "The picture has a mask in its alpha channel, and the %s: %s, or send the picture without its alpha channel"
                            .formatted(
                                    inText ? "question contains a region" : "request has regions",
                                    inText ? "remove it from the question" : "omit regions"));
        }
    }

    private static ApiException refused(String param, String code, RuntimeException cause) {
        return ApiException.badRequest(param, code, param + ": " + cause.getMessage());
    }
}
