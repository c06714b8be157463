package io.github.describeanything.focal.region;

import io.github.describeanything.focal.Mask;

/** Every pixel whose centre lies in {@code [x0, x1) x [y0, y1)}; immutable and thread-safe. Lengths are in pixels. */
public record Box(double x0, double y0, double x1, double y1) implements Region {
    @Override
    public Mask rasterise(int width, int height) {
        double[] corners = {x0, y0, x1, y1};
        Points.check("box", corners, width, height);
        if (x1 <= x0 || y1 <= y0) {
            throw new RegionException("box", "A box must be [x0, y0, x1, y1] with x0 < x1 and y0 < y1");
        }
        var canvas = new Canvas(width, height);
        for (int y = (int) Math.ceil(y0 - 0.5); y < (int) Math.ceil(y1 - 0.5); y++) {
            canvas.row(y, (int) Math.ceil(x0 - 0.5), (int) Math.ceil(x1 - 0.5));
        }
        return canvas.mask("box");
    }

    @Override
    public Region ofFractions(int width, int height) {
        return new Box(x0 * width, y0 * height, x1 * width, y1 * height);
    }
}
