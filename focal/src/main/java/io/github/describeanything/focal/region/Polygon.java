package io.github.describeanything.focal.region;

import io.github.describeanything.focal.Mask;
import java.util.List;

/**
 * The union of several polygons, each filled by the even-odd rule, to the same pixels as pycocotools. Immutable as long
 * as no caller writes to its arrays, and thread-safe.
 *
 * <p>Parts of fewer than three points are dropped, as readers of COCO data do: annotation tools leave such parts
 * behind.
 *
 * @param parts each {@code x, y, x, y, …} in pixels
 */
public record Polygon(List<double[]> parts) implements Region {
    private static final int MIN_NUMBERS = 6;

    public Polygon {
        parts = List.copyOf(parts);
    }

    @Override
    public Mask rasterise(int width, int height) {
        Points.checkCount(
                "polygon", parts.stream().mapToLong(part -> part.length).sum());
        var canvas = new Canvas(width, height);
        var edges = new PolygonEdges(width, height);
        boolean filled = false;
        for (int i = 0; i < parts.size(); i++) {
            String field = "polygon[" + i + "]";
            double[] part = parts.get(i);
            if (part.length % 2 != 0) {
                throw new RegionException(field, "A part must be [x, y, x, y, …] with at least three corners");
            }
            if (part.length >= MIN_NUMBERS) {
                Points.check(field, part, width, height);
                edges.fill(part, canvas);
                filled = true;
            }
        }
        if (!filled) {
            throw new RegionException(
                    parts.size() == 1 ? "polygon[0]" : "polygon",
                    "A polygon must have at least one part [x, y, x, y, …] with at least three corners");
        }
        return canvas.mask("polygon");
    }

    @Override
    public Region ofFractions(int width, int height) {
        return new Polygon(
                parts.stream().map(part -> Points.scaled(part, width, height)).toList());
    }
}
