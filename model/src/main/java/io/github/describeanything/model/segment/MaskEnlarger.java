package io.github.describeanything.model.segment;

import io.github.describeanything.focal.Mask;
import java.util.BitSet;

/** Enlarges logits to a picture's size and takes what is above 0: bilinear, half-pixel centres, no antialias. Stateless. */
final class MaskEnlarger {
    private MaskEnlarger() {}

    /** The two neighbours of each place along a side, and the share of the second. */
    private record Taps(int[] first, int[] second, float[] share) {
        static Taps of(int from, int to) {
            var taps = new Taps(new int[to], new int[to], new float[to]);
            float scale = (float) from / to;
            for (int i = 0; i < to; i++) {
                float place = Math.max(0, scale * (i + 0.5f) - 0.5f);
                taps.first[i] = Math.min((int) place, from - 1);
                taps.second[i] = Math.min(taps.first[i] + 1, from - 1);
                taps.share[i] = place - taps.first[i];
            }
            return taps;
        }
    }

    static Mask enlarge(MaskLogits logits, int width, int height) {
        int side = logits.side();
        float[] values = logits.values();
        Taps rows = Taps.of(side, height);
        Taps columns = Taps.of(side, width);
        var between = new float[side];
        var bits = new BitSet(width * height);
        for (int y = 0; y < height; y++) {
            int above = rows.first[y] * side;
            int below = rows.second[y] * side;
            float share = rows.share[y];
            for (int x = 0; x < side; x++) {
                between[x] = (1 - share) * values[above + x] + share * values[below + x];
            }
            for (int x = 0; x < width; x++) {
                float left = between[columns.first[x]];
                if (left + columns.share[x] * (between[columns.second[x]] - left) > 0) {
                    bits.set(y * width + x);
                }
            }
        }
        return Mask.of(width, height, bits);
    }
}
