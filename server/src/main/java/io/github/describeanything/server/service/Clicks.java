package io.github.describeanything.server.service;

import io.github.describeanything.model.segment.SegmentPrompt;
import io.github.describeanything.model.segment.SegmentPrompt.Box;
import io.github.describeanything.model.segment.SegmentPrompt.Point;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What a person marked of a thing: points and a box, in pixels or in fractions of the picture's sides. Immutable.
 *
 * @param fractions whether coordinates are fractions of width and height
 */
public record Clicks(List<Point> points, Optional<Box> box, boolean fractions) {
    /** Points that a line becomes: the published demo takes as many. */
    private static final int OF_A_LINE = 8;

    public Clicks {
        points = List.copyOf(points);
    }

    /** A box. */
    static Clicks around(io.github.describeanything.focal.region.Box box, boolean fractions) {
        return new Clicks(List.of(), Optional.of(new Box(box.x0(), box.y0(), box.x1(), box.y1())), fractions);
    }

    /** Evenly spaced points on a line {@code x, y, x, y, …}. */
    public static Clicks along(double[] line, boolean fractions) {
        int count = Math.min(OF_A_LINE, line.length / 2);
        List<Point> points = IntStream.range(0, count)
                .mapToObj(i -> along(line, count == 1 ? 0.5 : (double) i / (count - 1)))
                .toList();
        return new Clicks(points, Optional.empty(), fractions);
    }

    /** The place on a line at a share of its length. */
    private static Point along(double[] line, double share) {
        double length = 0;
        for (int i = 2; i < line.length; i += 2) {
            length += Math.hypot(line[i] - line[i - 2], line[i + 1] - line[i - 1]);
        }
        double left = share * length;
        for (int i = 2; i < line.length; i += 2) {
            double piece = Math.hypot(line[i] - line[i - 2], line[i + 1] - line[i - 1]);
            if (left <= piece && piece > 0) {
                double part = left / piece;
                return new Point(
                        line[i - 2] + part * (line[i] - line[i - 2]),
                        line[i - 1] + part * (line[i + 1] - line[i - 1]),
                        true);
            }
            left -= piece;
        }
        return new Point(line[line.length - 2], line[line.length - 1], true);
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
