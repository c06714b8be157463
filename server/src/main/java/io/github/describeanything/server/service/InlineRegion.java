package io.github.describeanything.server.service;

import io.github.describeanything.focal.region.Box;
import io.github.describeanything.focal.region.Polygon;
import io.github.describeanything.focal.region.Region;
import io.github.describeanything.focal.region.Whole;
import io.github.describeanything.model.segment.SegmentPrompt.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A region as written in a question.
 *
 * @param form box, polygon, whole or point
 * @param percent whether coordinates are percentages of the picture's width and height instead of pixels
 * @param parts coordinates as x, y, x, y, …; a box has all four in one part; of points x, y and 1 inside or 0 outside
 */
public record InlineRegion(String form, boolean percent, List<List<Double>> parts) {
    static final String POINT = "point";
    static final InlineRegion WHOLE = new InlineRegion("whole", false, List.of());

    public boolean whole() {
        return form.equals("whole");
    }

    /** One thing by points inside it, {@code @point}, and outside it, {@code @out}. */
    static InlineRegion ofPoints(List<InlineRegion> written) {
        boolean percent = written.getFirst().percent;
        if (written.stream().anyMatch(it -> it.percent != percent)) {
            throw new InlineRegions.MalformedException("@point mixes pixels and percentages: use one of the two");
        }
        var points = new ArrayList<List<Double>>();
        for (InlineRegion it : written) {
            double inside = it.form.equals(POINT) ? 1 : 0;
            for (List<Double> part : it.parts) {
                for (int i = 0; i < part.size(); i += 2) {
                    points.add(List.of(part.get(i), part.get(i + 1), inside));
                }
            }
        }
        return new InlineRegion(POINT, percent, points);
    }

    /** What the segmenter is to find; empty if the region is no thing that was clicked on. */
    public Optional<Clicks> clicks() {
        if (!form.equals(POINT)) {
            return Optional.empty();
        }
        double unit = percent ? 0.01 : 1;
        List<Point> points = parts.stream()
                .map(it -> new Point(it.get(0) * unit, it.get(1) * unit, it.get(2) == 1))
                .toList();
        return Optional.of(new Clicks(points, Optional.empty(), percent));
    }

    /** The region that needs no segmenter, in pixels or in {@linkplain #fractions fractions} of a picture. */
    public Region region() {
        if (whole()) {
            return new Whole();
        }
        List<double[]> numbers = parts.stream()
                .map(part ->
                        part.stream().mapToDouble(it -> percent ? it / 100 : it).toArray())
                .toList();
        if (form.equals("polygon")) {
            return new Polygon(numbers);
        }
        double[] box = numbers.getFirst();
        return new Box(box[0], box[1], box[2], box[3]);
    }

    public boolean fractions() {
        return percent;
    }

    @Override
    public String toString() {
        return "@" + form;
    }
}
