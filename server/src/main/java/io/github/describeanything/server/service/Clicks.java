package io.github.describeanything.server.service;

import io.github.describeanything.model.segment.SegmentPrompt;
import io.github.describeanything.model.segment.SegmentPrompt.Box;
import io.github.describeanything.model.segment.SegmentPrompt.Point;
import java.util.List;
import java.util.Optional;

/**
 * What a person marked of a thing: points and a box, in pixels or in fractions of the picture's sides. Immutable.
 *
 * @param fractions whether coordinates are fractions of width and height
 */
public record Clicks(List<Point> points, Optional<Box> box, boolean fractions) {
    public Clicks {
        points = List.copyOf(points);
    }

    /** The prompt on a picture of this size. @throws RequestException naming the field that cannot be used */
    SegmentPrompt on(int width, int height) {
        double x = fractions ? width : 1;
        double y = fractions ? height : 1;
        return new SegmentPrompt(
                points.stream()
                        .map(it -> new Point(it.x() * x, it.y() * y, it.inside()))
                        .toList(),
                box.map(it -> new Box(it.x0() * x, it.y0() * y, it.x1() * x, it.y1() * y)),
                Optional.empty());
    }
}
