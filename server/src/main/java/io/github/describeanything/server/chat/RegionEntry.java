package io.github.describeanything.server.chat;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.codec.PictureReader;
import io.github.describeanything.focal.region.Drawn;
import io.github.describeanything.focal.region.Region;
import io.github.describeanything.focal.region.RegionException;
import io.github.describeanything.focal.region.RunLengths;
import io.github.describeanything.focal.region.Whole;
import io.github.describeanything.server.errors.ApiException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/**
 * A region that a request names, read and checked as far as that goes without its picture. Immutable.
 *
 * @param path where in the request it stands: {@code regions[3]}, or the text that it is written in
 * @param inText whether it is written in the user's text, where it has no fields
 * @param id what the client calls the region: a string or an integer
 * @param frame the picture that it lies on, for video
 * @param digest of everything that decides which pixels it has
 */
record RegionEntry(
        String path, boolean inText, Optional<JsonNode> id, OptionalInt frame, Shape shape, ByteBuffer digest) {

    /** How a region was given. */
    sealed interface Shape {}

    /** By coordinates, or by a list of run lengths. @param fractions whether of width and height instead of in pixels */
    record Outline(Region region, boolean fractions) implements Shape {}

    /** By run lengths in COCO's compressed form, which may become four times as long once it is read. */
    record CompressedRle(int height, int width, String counts) implements Shape {}

    /** By a picture that is still to be decoded. */
    record MaskPicture(byte[] encoded) implements Shape {}

    /**
     * The region's pixels in a picture of this size.
     *
     * @throws ApiException naming this entry and the field at fault, where there are none or it cannot be of such a picture
     */
    Mask mask(int width, int height, PictureReader reader) {
        try {
            return switch (shape) {
                case Outline it ->
                    (it.fractions ? it.region.ofFractions(width, height) : it.region).rasterise(width, height);
                case CompressedRle it ->
                    RunLengths.ofString(it.height, it.width, it.counts).rasterise(width, height);
                case MaskPicture it -> new Drawn(reader.readMask(it.encoded)).rasterise(width, height);
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

    /** Whether it is all of any picture. */
    boolean whole() {
        return shape instanceof Outline it && it.region instanceof Whole;
    }

    /** Names the region twice: once here, and once in the picture's alpha. */
    ApiException besideMask() {
        String param = inText ? path : "regions";
        return ApiException.badRequest(
                param,
                "mask_and_regions",
                "The picture has a mask in its alpha channel, and %s a region as well: %s, or send the picture without its alpha channel"
                        .formatted(
                                inText ? "the question holds" : "regions names",
                                inText ? "take that out of the question" : "leave regions out"));
    }

    private static ApiException refused(String param, String code, RuntimeException why) {
        return ApiException.badRequest(param, code, param + ": " + why.getMessage());
    }
}
