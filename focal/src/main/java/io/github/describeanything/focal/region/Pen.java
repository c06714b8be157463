package io.github.describeanything.focal.region;

/** A round pen on a canvas. Not thread-safe. */
final class Pen {
    /** A row costs about as much as this many edge points. */
    private static final int WORK_A_ROW = 16;

    private final double radius;
    private final Canvas canvas;

    Pen(double width, Canvas canvas) {
        this.radius = width / 2;
        this.canvas = canvas;
    }

    /** Draws from point to point. @param points x, y, x, y, … */
    void draw(double[] points) {
        for (int i = 0; i < points.length; i += 2) {
            int to = Math.min(i + 2, points.length - 2);
            under(points[i], points[i + 1]);
            stroke(points[i], points[i + 1], points[to], points[to + 1]);
        }
    }

    /** Fills the pixel under a point; the picture's right and bottom edges belong to its last pixels. */
    private void under(double x, double y) {
        if (x >= 0 && x <= canvas.width() && y >= 0 && y <= canvas.height()) {
            canvas.pixel(Math.min((int) x, canvas.width() - 1), Math.min((int) y, canvas.height() - 1));
        }
    }

    /** A stroke is convex, so it covers one run of pixels in each row. */
    private void stroke(double x0, double y0, double x1, double y1) {
        int top = Math.max(0, (int) Math.ceil(Math.min(y0, y1) - radius - 0.5));
        int bottom = Math.min(canvas.height() - 1, (int) Math.floor(Math.max(y0, y1) + radius - 0.5));
        canvas.spend("scribble", WORK_A_ROW);
        for (int row = top; row <= bottom; row++) {
            canvas.spend("scribble", WORK_A_ROW);
            double y = row + 0.5;
            double left =
                    Math.min(Math.min(capEdge(x0, y0, y, -1), capEdge(x1, y1, y, -1)), side(x0, y0, x1, y1, y, -1));
            double right = Math.max(Math.max(capEdge(x0, y0, y, 1), capEdge(x1, y1, y, 1)), side(x0, y0, x1, y1, y, 1));
            if (left <= right) {
                canvas.spend("scribble", (long) (Math.min(right - left, canvas.width()) / 16));
                canvas.row(row, (int) Math.ceil(left - 0.5), (int) Math.floor(right - 0.5) + 1);
            }
        }
    }

    /**
     * Where the row leaves the disc around a point; if it misses the disc, a value that loses against any other edge.
     */
    private double capEdge(double x, double y, double row, int direction) {
        double rest = radius * radius - (row - y) * (row - y);
        return rest < 0 ? -direction * Double.MAX_VALUE : x + direction * Math.sqrt(rest);
    }

    /** Where the row leaves the rectangle around the line between the points. */
    private double side(double x0, double y0, double x1, double y1, double row, int direction) {
        double dx = x1 - x0;
        double dy = y1 - y0;
        double length = Math.hypot(dx, dy);
        if (length == 0) {
            return -direction * Double.MAX_VALUE;
        }
        double offX = -dy / length * radius;
        double offY = dx / length * radius;
        double edge = -direction * Double.MAX_VALUE;
        double[][] sides = {{x0 + offX, y0 + offY, x1 + offX, y1 + offY}, {x0 - offX, y0 - offY, x1 - offX, y1 - offY}};
        for (double[] it : sides) {
            boolean crosses = row >= Math.min(it[1], it[3]) && row <= Math.max(it[1], it[3]);
            if (crosses && it[1] != it[3]) {
                double x = it[0] + (row - it[1]) / (it[3] - it[1]) * (it[2] - it[0]);
                edge = direction > 0 ? Math.max(edge, x) : Math.min(edge, x);
            }
        }
        return edge;
    }
}
