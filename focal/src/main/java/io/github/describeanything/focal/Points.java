package io.github.describeanything.focal;

/** Checks and scales lists of {@code x, y} by turns. Stateless. */
final class Points {
    private static final double BEYOND = 1;

    private Points() {}

    static void checkCount(String field, long numbers) {
        if (numbers / 2 > Region.MOST_POINTS) {
            throw new RegionException(
                    field, "At most " + Region.MOST_POINTS + " points are accepted, not " + numbers / 2);
        }
    }

    /** Refuses what is no number or lies more than a pixel outside. */
    static void check(String field, double[] points, int width, int height) {
        for (int i = 0; i < points.length; i++) {
            int limit = i % 2 == 0 ? width : height;
            // Written so that NaN is refused as well.
            if (!(points[i] >= -BEYOND && points[i] <= limit + BEYOND)) {
                throw new RegionException(
                        field + "[" + i + "]",
                        (i % 2 == 0 ? "x" : "y") + " is " + points[i] + ", outside the picture's 0 to " + limit);
            }
        }
    }

    static double[] scaled(double[] fractions, int width, int height) {
        var points = new double[fractions.length];
        for (int i = 0; i < points.length; i++) {
            points[i] = fractions[i] * (i % 2 == 0 ? width : height);
        }
        return points;
    }
}
