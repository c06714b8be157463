package io.github.describeanything.server.openai;

import io.github.describeanything.model.segment.SegmentPrompt;
import io.github.describeanything.model.segment.SegmentPrompt.Box;
import io.github.describeanything.model.segment.SegmentPrompt.Point;
import io.github.describeanything.server.service.Clicks;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Reads the fields {@code points}, {@code labels} and {@code box} of a prompt. Stateless. */
public final class ClicksReader {
    /** Points that a scribble becomes: the published demo takes as many. */
    private static final int OF_A_SCRIBBLE = 8;

    private ClicksReader() {}

    /** The clicks of a prompt. @throws io.github.describeanything.server.errors.ApiException naming the field */
    public static Clicks read(Fields prompt, boolean fractions) {
        Optional<Box> box = box(prompt);
        List<Point> points = points(prompt);
        prompt.require(
                !points.isEmpty() || box.isPresent(), "points", "is missing: a prompt has points, a box or both");
        return new Clicks(points, box, fractions);
    }

    /** A scribble as points on its line, evenly spaced, and those of the field {@code points}. */
    static Clicks ofScribble(double[] line, Fields region, boolean fractions) {
        var points = new ArrayList<>(ofLine(line, fractions).points());
        points.addAll(points(region));
        return new Clicks(points, Optional.empty(), fractions);
    }

    /** A line as points on it, evenly spaced. */
    static Clicks ofLine(double[] line, boolean fractions) {
        var points = new ArrayList<Point>();
        int count = Math.min(OF_A_SCRIBBLE, line.length / 2);
        for (int i = 0; i < count; i++) {
            points.add(along(line, count == 1 ? 0.5 : (double) i / (count - 1)));
        }
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

    private static Optional<Box> box(Fields prompt) {
        if (!prompt.has("box")) {
            return Optional.empty();
        }
        prompt.require(prompt.node("box").size() == 4, "box", "must be [x0, y0, x1, y1]");
        double[] box = prompt.numbers("box", 4);
        return Optional.of(new Box(box[0], box[1], box[2], box[3]));
    }

    private static List<Point> points(Fields prompt) {
        if (!prompt.has("points")) {
            prompt.require(!prompt.has("labels"), "labels", "needs points");
            return List.of();
        }
        JsonNode list = prompt.node("points");
        prompt.require(list.isArray(), "points", "must be a list of points [x, y]");
        prompt.require(
                list.size() <= SegmentPrompt.MAX_POINTS,
                "points",
                "has %d points; at most %d are accepted".formatted(list.size(), SegmentPrompt.MAX_POINTS));
        Optional<int[]> labels = labels(prompt, list.size());
        var inside = new Fields(list, prompt.path() + "points");
        var points = new ArrayList<Point>();
        for (int i = 0; i < list.size(); i++) {
            inside.require(list.get(i).isArray() && list.get(i).size() == 2, i, "must be a point [x, y]");
            double[] point = inside.numbers(i, 2);
            int at = i;
            points.add(
                    new Point(point[0], point[1], labels.map(it -> it[at] == 1).orElse(true)));
        }
        return points;
    }

    private static Optional<int[]> labels(Fields prompt, int count) {
        if (!prompt.has("labels")) {
            return Optional.empty();
        }
        JsonNode list = prompt.node("labels");
        prompt.require(list.isArray(), "labels", "must be a list of integers");
        prompt.require(
                list.size() == count,
                "labels",
                "has %d entries for %d points: one a point, 1 inside and 0 outside".formatted(list.size(), count));
        var labels = new int[count];
        for (int i = 0; i < count; i++) {
            JsonNode label = list.get(i);
            boolean known = label.isNumber() && (label.asDouble() == 0 || label.asDouble() == 1);
            prompt.require(known, "labels[" + i + "]", "must be 1, a point inside, or 0, one outside");
            labels[i] = (int) label.asDouble();
        }
        return Optional.of(labels);
    }
}
