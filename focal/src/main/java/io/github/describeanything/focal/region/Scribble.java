package io.github.describeanything.focal.region;

import io.github.describeanything.focal.Mask;

/**
 * A line drawn with a round pen: every pixel whose centre is no further than half the pen's width from it, and the
 * pixel under each of its points. Immutable as long as no caller writes to its array, and thread-safe.
 *
 * @param points {@code x, y, x, y, …} in pixels, at least one point
 * @param penWidth in pixels, above 0 and at most the picture's longer side
 */
public record Scribble(double[] points, double penWidth) implements Region {
    @Override
    public Mask rasterise(int width, int height) {
        Points.checkCount("scribble.points", points.length);
        Points.check("scribble.points", points, width, height);
        if (points.length < 2 || points.length % 2 != 0) {
            throw new RegionException("scribble.points", "A scribble must have at least one point [x, y]");
        }
        // Negated so that NaN is refused, too.
        if (!(penWidth > 0 && penWidth <= Math.max(width, height))) {
            throw new RegionException(
                    "scribble.width", "The width must be above 0 and at most the picture's longer side");
        }
        var canvas = new Canvas(width, height);
        new Pen(penWidth, canvas).draw(points);
        return canvas.mask("scribble");
    }

    /** The pen's width is a fraction of the picture's width. */
    @Override
    public Region ofFractions(int width, int height) {
        return new Scribble(Points.scaled(points, width, height), penWidth * width);
    }
}
