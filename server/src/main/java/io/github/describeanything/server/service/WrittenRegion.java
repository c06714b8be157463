package io.github.describeanything.server.service;

import io.github.describeanything.focal.region.Box;
import io.github.describeanything.focal.region.Polygon;
import io.github.describeanything.focal.region.Region;
import io.github.describeanything.focal.region.Whole;
import java.util.List;

/**
 * A region as written in a question.
 *
 * @param form box, polygon or whole
 * @param percent whether coordinates are percentages of the picture's width and height instead of pixels
 * @param parts coordinates as x, y, x, y, …; a box has all four in one part
 */
public record WrittenRegion(String form, boolean percent, List<List<Double>> parts) {
    static final WrittenRegion WHOLE = new WrittenRegion("whole", false, List.of());

    public boolean whole() {
        return form.equals("whole");
    }

    /** The region, in pixels or in {@linkplain #fractions fractions} of a picture. */
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
