package io.github.describeanything.server.openai.streams;

import io.github.describeanything.focal.MaskBox;
import io.github.describeanything.server.openai.RegionBody;
import io.github.describeanything.server.openai.UsageBody;
import java.util.List;
import java.util.Optional;

/** An event about a segment of a stream. Immutable. */
sealed interface SegmentEvent {
    String type();

    /** The answer begins. @param segment counted from 0 */
    record Started(String type, String stream, int segment) implements SegmentEvent {}

    /** More of the caption. */
    record Delta(String type, String text) implements SegmentEvent {}

    /**
     * The segment is described.
     *
     * @param box the region on the last frame, {@code [x0, y0, x1, y1]}, from which the next segment goes on
     * @param mask on every frame, if the request asked for masks
     */
    record Done(
            String type,
            String stream,
            int segment,
            String caption,
            Optional<List<Integer>> box,
            Optional<RegionBody.MaskBody> mask,
            UsageBody usage)
            implements SegmentEvent {
        static Optional<List<Integer>> corners(Optional<MaskBox> box) {
            return box.map(it -> List.of(it.x(), it.y(), it.x() + it.width(), it.y() + it.height()));
        }
    }

    /** There is no next segment. */
    record Ended(String type, String stream, String reason) implements SegmentEvent {}
}
