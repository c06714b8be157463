package io.github.describeanything.server.video;

/**
 * Which frames of a video are sampled, and which of those are described. Stateless.
 *
 * <p>A video keeps all its frames if they are at most {@code fps} a second on average and at most {@code most}. Otherwise
 * evenly spaced times, {@code least} or more, from the first frame to the last are taken, and the frame nearest to each.
 */
public final class Sampling {
    /** Container times are rounded to milliseconds. */
    private static final double ROUNDING = 1e-2;

    private Sampling() {}

    /**
     * The sampled frames' indexes, ascending.
     *
     * @param times of all frames in seconds, ascending, at least one
     * @param least sampled frames of a video that has them, whatever the rate
     */
    static int[] of(double[] times, double fps, int least, int most) {
        double duration = times[times.length - 1] - times[0];
        long atRate = (long) Math.floor(duration * fps + ROUNDING) + 1;
        int count = (int) Math.min(Math.min(Math.max(atRate, least), most), times.length);
        if (count == times.length) {
            return even(count, count);
        }
        var chosen = new int[count];
        for (int i = 0; i < count; i++) {
            double wanted = count == 1 ? times[0] : times[0] + duration * i / (count - 1);
            chosen[i] = nearest(times, wanted);
        }
        int[] different = java.util.Arrays.stream(chosen).distinct().toArray();
        // Where frames are unevenly spaced, several times may share the nearest one.
        return different.length < Math.min(least, count) ? even(times.length, count) : different;
    }

    /** {@code count} of {@code n} indexes, floor(linspace(0, n - 1, count)); some repeat if n is less. */
    public static int[] even(int n, int count) {
        var chosen = new int[count];
        for (int i = 0; i < count; i++) {
            chosen[i] = count == 1 ? 0 : (int) ((long) i * (n - 1) / (count - 1));
        }
        return chosen;
    }

    /** The index of the time nearest to the wanted one; of two equally near, the earlier. */
    public static int nearest(double[] times, double wanted) {
        int at = java.util.Arrays.binarySearch(times, wanted);
        if (at >= 0) {
            return at;
        }
        int after = -at - 1;
        if (after == 0 || after == times.length) {
            return after == 0 ? 0 : times.length - 1;
        }
        return times[after] - wanted < wanted - times[after - 1] ? after : after - 1;
    }
}
