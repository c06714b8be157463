package io.github.describeanything.focal.region;

import java.util.BitSet;

/**
 * Fills polygons to the pixels that pycocotools gives ({@code rleFrPoly} of its {@code maskApi.c}): corners are rounded
 * to a fifth of a pixel, edges become points on that finer grid, and wherever an edge crosses the middle of a column,
 * inside and outside change from there on. Not thread-safe.
 */
final class PolygonEdges {
    private static final double SCALE = 5;
    /** Bits that are scanned in the time of one edge point. */
    private static final long BITS_PER_POINT = 512;

    private final int width;
    private final int height;
    /** Where inside and outside change, in column-major order from the polygon's first column on. */
    private final BitSet changes = new BitSet();

    private int firstColumn;
    private boolean begun;
    private int lastX;
    private int lastY;

    PolygonEdges(int width, int height) {
        this.width = width;
        this.height = height;
    }

    /** Fills the pixels that the polygon covers. @param corners x, y, x, y, … */
    void fill(double[] corners, Canvas canvas) {
        changes.clear();
        begun = false;
        double left = width;
        double right = 0;
        for (int i = 0; i < corners.length; i += 2) {
            left = Math.min(left, corners[i]);
            right = Math.max(right, corners[i]);
        }
        firstColumn = Math.clamp((int) left - 1, 0, width);
        int columns = Math.clamp((int) right + 2, firstColumn, width) - firstColumn;
        canvas.spend("polygon", (long) columns * height / BITS_PER_POINT);
        int count = corners.length / 2;
        for (int i = 0; i < count; i++) {
            int next = (i + 1) % count;
            edge(
                    fine(corners[2 * i]),
                    fine(corners[2 * i + 1]),
                    fine(corners[2 * next]),
                    fine(corners[2 * next + 1]),
                    canvas);
        }
        int start = firstColumn * height;
        int end = columns * height;
        for (int from = changes.nextSetBit(0); from >= 0 && from < end; ) {
            int to = changes.nextSetBit(from + 1);
            int until = to < 0 ? end : Math.min(to, end);
            canvas.spend("polygon", until - from);
            canvas.columnMajor(start + from, start + until);
            from = to < 0 ? -1 : changes.nextSetBit(to + 1);
        }
    }

    private static int fine(double coordinate) {
        return (int) (SCALE * coordinate + 0.5);
    }

    private void edge(int fromX, int fromY, int toX, int toY, Canvas canvas) {
        int across = Math.abs(toX - fromX);
        int down = Math.abs(toY - fromY);
        int steps = Math.max(across, down);
        canvas.spend("polygon", steps + 1);
        boolean wide = across >= down;
        // The line is computed in ascending order, but walked from its start to its end.
        boolean flipped = wide ? fromX > toX : fromY > toY;
        int startX = flipped ? toX : fromX;
        int startY = flipped ? toY : fromY;
        double slope = wide
                ? (double) (flipped ? fromY - toY : toY - fromY) / across
                : (double) (flipped ? fromX - toX : toX - fromX) / down;
        for (int step = 0; step <= steps; step++) {
            int t = flipped ? steps - step : step;
            if (wide) {
                point(startX + t, (int) (startY + slope * t + 0.5));
            } else {
                point((int) (startX + slope * t + 0.5), startY + t);
            }
        }
    }

    private void point(int x, int y) {
        if (begun && x != lastX) {
            double column = ((x < lastX ? x : x - 1) + 0.5) / SCALE - 0.5;
            if (Math.floor(column) == column && column >= 0 && column <= width - 1) {
                double row = (Math.min(y, lastY) + 0.5) / SCALE - 0.5;
                changes.flip(((int) column - firstColumn) * height + (int) Math.ceil(Math.clamp(row, 0, height)));
            }
        }
        begun = true;
        lastX = x;
        lastY = y;
    }
}
