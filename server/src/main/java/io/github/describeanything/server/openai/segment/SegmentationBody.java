package io.github.describeanything.server.openai.segment;

import io.github.describeanything.server.openai.RleBody;
import io.github.describeanything.server.service.SegmentedFrame;
import io.github.describeanything.server.service.SegmentedPicture;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.IntStream;

/** The answer to a segmentation request. Immutable. */
record SegmentationBody(String object, ImageBody image, List<ThingBody> data) {

    /** The picture, or a frame. @param digest names a picture in later requests */
    record ImageBody(int width, int height, Optional<String> digest) {}

    /** The answer to one prompt on a picture, masks the best first; or a thing in a video, a mask per frame. */
    record ThingBody(int index, int object, List<FrameMaskBody> masks) {}

    /** A mask. @param score the predicted IoU with what was meant */
    record FrameMaskBody(int frame, RleBody rle, float score) {}

    static SegmentationBody of(SegmentedPicture picture, List<Integer> objects) {
        return new SegmentationBody(
                "list",
                new ImageBody(picture.width(), picture.height(), Optional.of(picture.digest())),
                IntStream.range(0, objects.size())
                        .mapToObj(i -> new ThingBody(
                                i,
                                objects.get(i),
                                picture.things().get(i).stream()
                                        .map(it -> new FrameMaskBody(0, RleBody.of(it.mask()), it.score()))
                                        .toList()))
                        .toList());
    }

    /** @param frames the last result of each frame @param objects in the order in which they were marked */
    static SegmentationBody of(SortedMap<Integer, SegmentedFrame> frames, List<Integer> objects) {
        SegmentedFrame first = frames.firstEntry().getValue();
        return new SegmentationBody(
                "list",
                new ImageBody(first.width(), first.height(), Optional.empty()),
                IntStream.range(0, objects.size())
                        .mapToObj(i -> new ThingBody(
                                i,
                                objects.get(i),
                                frames.values().stream()
                                        .map(it -> mask(it, it.masks().get(i)))
                                        .toList()))
                        .toList());
    }

    private static FrameMaskBody mask(SegmentedFrame frame, SegmentedFrame.Found found) {
        return new FrameMaskBody(frame.frame(), RleBody.of(found.mask()), found.score());
    }
}
