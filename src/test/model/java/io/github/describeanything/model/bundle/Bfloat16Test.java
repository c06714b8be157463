package io.github.describeanything.model.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Bfloat16Test {
    @Test
    void everyBfloat16RoundTrips() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = Bfloat16.toFloat((short) bits);
            if (Float.isNaN(value)) {
                assertThat(Bfloat16.toFloat(Bfloat16.of(value))).isNaN();
            } else {
                assertThat(Bfloat16.of(value)).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void roundsToNearestAndTiesToEven() {
        var random = new Random(5);
        int ties = 0;
        for (int i = 0; i < 200_000; i++) {
            // Every eighth value is halfway between two.
            int bits = i % 8 == 0 ? random.nextInt() & ~0xFFFF | 0x8000 : random.nextInt();
            float value = Float.intBitsToFloat(bits);
            short rounded = Bfloat16.of(value);
            float nearest = Bfloat16.toFloat(rounded);
            if (!Float.isFinite(value) || !Float.isFinite(nearest)) {
                continue;
            }
            for (int step : new int[] {-1, 1}) {
                float neighbour = Bfloat16.toFloat((short) (rounded + step));
                if (!Float.isFinite(neighbour) || Math.signum(neighbour) * Math.signum(nearest) < 0) {
                    continue;
                }
                int order = distance(value, nearest).compareTo(distance(value, neighbour));
                assertThat(order).as("%x", bits).isLessThanOrEqualTo(0);
                if (order == 0) {
                    ties++;
                    assertThat(rounded & 1).as("%x", bits).isZero();
                }
            }
        }
        assertThat(ties).isGreaterThan(10_000);
    }

    @Test
    void overflowIsInfiniteAndNanStaysNan() {
        assertThat(Bfloat16.toFloat(Bfloat16.of(Float.MAX_VALUE))).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(Bfloat16.toFloat(Bfloat16.of(-Float.MAX_VALUE))).isEqualTo(Float.NEGATIVE_INFINITY);
        for (int payload : new int[] {0x7F800001, 0x7FFFFFFF, 0xFF800001, 0xFFFFFFFF}) {
            assertThat(Bfloat16.toFloat(Bfloat16.of(Float.intBitsToFloat(payload))))
                    .isNaN();
        }
    }

    private static BigDecimal distance(float a, float b) {
        return new BigDecimal(a).subtract(new BigDecimal(b)).abs();
    }
}
