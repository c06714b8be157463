package io.github.describeanything.server.service;

import io.github.describeanything.focal.region.Box;
import io.github.describeanything.focal.region.Polygon;
import io.github.describeanything.focal.region.Region;
import io.github.describeanything.focal.region.Whole;
import java.util.List;

/**
 * A region as it was written.
 *
 * @param form box, polygon or whole
 * @param percent whether its coordinates are per cent of the picture's width and height instead of pixels
 * @param parts its coordinates, x and y in turn; of a box all four in one part
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
