package io.github.describeanything.server.video;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which frames of a video are sampled. */
class SamplingTest {
    private static double[] steady(int frames, double fps) {
        return IntStream.range(0, frames).mapToDouble(i -> i / fps).toArray();
    }

    @ParameterizedTest
    @CsvSource({
        "300, 25, 48", // 12 seconds
        "12, 4, 12", // exactly the rate
        "20, 3.9, 20",
        "1, 25, 1",
        "2, 25, 1",
        "100000, 25, 64",
        "65, 1, 64",
    })
    void theRateAndTheCountAreLimited(int frames, double fps, int sampled) {
        double[] times = steady(frames, fps);
        int[] chosen = Sampling.of(times, 4, 1, 64);
        assertThat(chosen).hasSize(sampled).isSorted().doesNotHaveDuplicates().startsWith(0);
        if (sampled > 1) {
            assertThat(chosen[sampled - 1]).isEqualTo(frames - 1);
            double gap = (times[frames - 1] - times[0]) / (sampled - 1);
            assertThat(IntStream.range(1, sampled))
                    .allSatisfy(i -> assertThat(times[chosen[i]] - times[chosen[i - 1]])
                            .isBetween(gap - 1 / fps - 1e-9, gap + 1 / fps + 1e-9));
        }
    }

    @Test
    void timesCountNotNumbers() {
        // Half a second at 100 frames a second, then one frame a second.
        double[] times = IntStream.range(0, 61)
                .mapToDouble(i -> i < 50 ? i / 100.0 : i - 49)
                .toArray();
        int[] chosen = Sampling.of(times, 4, 1, 12);
        assertThat(chosen).containsExactly(0, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60);
    }

    @Test
    void theNearestTimeIsThatOfASearch() {
        var random = new Random(3);
        double[] times = random.doubles(50, 0, 9).sorted().toArray();
        random.doubles(500, -1, 10).forEach(wanted -> {
            int nearest = IntStream.range(0, times.length)
                    .boxed()
                    .min(java.util.Comparator.comparingDouble(i -> Math.abs(times[i] - wanted)))
                    .orElseThrow();
            assertThat(Sampling.nearest(times, wanted)).isEqualTo(nearest);
        });
    }

    @Test
    void eightFramesAreSpreadAsByLinspace() {
        assertThat(Sampling.even(48, 8)).containsExactly(0, 6, 13, 20, 26, 33, 40, 47);
        assertThat(Sampling.even(8, 8)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
        assertThat(Sampling.even(5, 8)).containsExactly(0, 0, 1, 1, 2, 2, 3, 4);
        assertThat(Sampling.even(1, 8)).containsOnly(0);
    }
}
