package io.github.describeanything.model.segment;

import io.github.describeanything.model.api.RequestException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What marks a thing in a picture: points inside and outside it, a box around it, the mask of an earlier answer, or several
 * of these. Immutable. Coordinates are pixels of the picture from its top left corner; they may leave the picture.
 *
 * @param earlier logits of an earlier answer about the picture, to be refined
 */
public record SegmentPrompt(List<Point> points, Optional<Box> box, Optional<MaskLogits> earlier) {
    /** Points that one prompt may have. */
    public static final int MAX_POINTS = 256;
    /** Larger coordinates may overflow the graphs' 32-bit floats, and one such prompt fails those that run with it. */
    private static final double FARTHEST = 1e30;

    /** A point inside the thing or outside it. */
    public record Point(double x, double y, boolean inside) {}

    /** The box around the thing, {@code x0 < x1} and {@code y0 < y1}. */
    public record Box(double x0, double y0, double x1, double y1) {}

    /** @throws RequestException naming the field that cannot be used, such as {@code points[2]} */
    public SegmentPrompt {
        points = List.copyOf(points);
        if (points.isEmpty() && box.isEmpty() && earlier.isEmpty()) {
            throw RequestException.invalidValue("points", "is missing: a prompt has points, a box or both");
        }
        if (points.size() > MAX_POINTS) {
            throw RequestException.invalidValue(
                    "points", "has %d points; at most %d are accepted".formatted(points.size(), MAX_POINTS));
        }
        for (int i = 0; i < points.size(); i++) {
            if (!isFinite(points.get(i).x, points.get(i).y)) {
                throw RequestException.invalidValue("points[" + i + "]", "must be two finite numbers [x, y]");
            }
        }
        box.ifPresent(SegmentPrompt::check);
    }

    private static void check(Box box) {
        if (!isFinite(box.x0, box.y0, box.x1, box.y1) || box.x0 >= box.x1 || box.y0 >= box.y1) {
            throw RequestException.invalidValue(
                    "box", "must be four finite numbers [x0, y0, x1, y1] with x0 < x1 and y0 < y1");
        }
    }

    private static boolean isFinite(double... coordinates) {
        // False for NaN, too.
        return Arrays.stream(coordinates).allMatch(it -> Math.abs(it) <= FARTHEST);
    }

    /** One point inside the thing. */
    public static SegmentPrompt inside(double x, double y) {
        return new SegmentPrompt(List.of(new Point(x, y, true)), Optional.empty(), Optional.empty());
    }

    /** A box around the thing. */
    public static SegmentPrompt box(double x0, double y0, double x1, double y1) {
        return new SegmentPrompt(List.of(), Optional.of(new Box(x0, y0, x1, y1)), Optional.empty());
    }

    /** The same prompt with one point more. */
    public SegmentPrompt and(double x, double y, boolean inside) {
        var more = new ArrayList<>(points);
        more.add(new Point(x, y, inside));
        return new SegmentPrompt(more, box, earlier);
    }

    /** The same prompt, to refine an earlier answer. */
    public SegmentPrompt refining(MaskLogits logits) {
        return new SegmentPrompt(points, box, Optional.of(logits));
    }

    /** How many points mark the thing; a box counts as two. */
    int marks() {
        return points.size() + (box.isPresent() ? 2 : 0);
    }

    /** @throws RequestException if the box lies wholly outside a picture of this size */
    public void checkOn(int width, int height) {
        box.filter(it -> it.x1 <= 0 || it.y1 <= 0 || it.x0 >= width || it.y0 >= height)
                .ifPresent(it -> {
                    throw RequestException.invalidValue(
                            "box", "lies wholly outside the picture of %d x %d pixels".formatted(width, height));
                });
    }
}
