package io.github.describeanything.focal.region;

/** Checks and scales points given as {@code x, y, x, y, …}. Stateless. */
final class Points {
    /**
     * How far outside the picture a coordinate may lie: this fraction of the side, or {@link #MIN_BEYOND} pixels if
     * that is more.
     */
    private static final double BEYOND = 0.02;

    private static final double MIN_BEYOND = 2;

    private Points() {}

    static void checkCount(String field, long numbers) {
        if (numbers / 2 > Region.MAX_POINTS) {
            throw new RegionException(
                    field, "A region may have at most " + Region.MAX_POINTS + " points, not " + numbers / 2);
        }
    }

    /** Refuses a coordinate that is not a number or lies too far outside. */
    static void check(String field, double[] points, int width, int height) {
        for (int i = 0; i < points.length; i++) {
            int side = i % 2 == 0 ? width : height;
            double beyond = Math.max(MIN_BEYOND, BEYOND * side);
            // Negated so that NaN is refused, too.
            if (!(points[i] >= -beyond && points[i] <= side + beyond)) {
                throw new RegionException(
                        field + "[" + i + "]",
                        (i % 2 == 0 ? "x" : "y") + " is " + points[i] + ", outside the picture's 0 to " + side
                                + " by more than " + beyond + " pixels");
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
