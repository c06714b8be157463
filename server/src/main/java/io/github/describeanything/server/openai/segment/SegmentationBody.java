package io.github.describeanything.server.openai.segment;

import io.github.describeanything.server.openai.RleBody;
import io.github.describeanything.server.service.SegmentedPicture;
import java.util.List;
import java.util.stream.IntStream;

/** The answer to a segmentation request. Immutable. */
record SegmentationBody(String object, ImageBody image, List<ThingBody> data) {

    /** The picture. @param digest names it in later requests */
    record ImageBody(int width, int height, String digest) {}

    /** The answer to one prompt. @param masks the best first */
    record ThingBody(int index, int object, List<FrameMaskBody> masks) {}

    /** A mask. @param score the predicted IoU with what was meant */
    record FrameMaskBody(int frame, RleBody rle, float score) {}

    static SegmentationBody of(SegmentedPicture picture, List<Integer> objects) {
        return new SegmentationBody(
                "list",
                new ImageBody(picture.width(), picture.height(), picture.digest()),
                IntStream.range(0, objects.size())
                        .mapToObj(i -> new ThingBody(
                                i,
                                objects.get(i),
                                picture.things().get(i).stream()
                                        .map(it -> new FrameMaskBody(0, RleBody.of(it.mask()), it.score()))
                                        .toList()))
                        .toList());
    }
}
