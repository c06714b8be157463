package io.github.describeanything.model.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.describeanything.model.RequestException;
import io.github.describeanything.model.SamplingOptions;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SamplerTest {
    private static final float[] LOGITS = {0f, 2f, 1f, -1f, 2f};

    @Test
    void greedyTakesTheFirstOfTheLargest() {
        assertThat(new Sampler(SamplingOptions.GREEDY).sample(LOGITS.clone())).isEqualTo(1);
    }

    @Test
    void drawsFollowTheSoftmax() {
        var sampler = new Sampler(SamplingOptions.of(0.5, 1, 0, OptionalLong.of(3)));
        var counts = new double[LOGITS.length];
        int draws = 200_000;
        for (int i = 0; i < draws; i++) {
            counts[sampler.sample(LOGITS.clone())]++;
        }
        double sum = 0;
        for (float logit : LOGITS) {
            sum += Math.exp(logit / 0.5);
        }
        for (int i = 0; i < counts.length; i++) {
            assertThat(counts[i] / draws).isCloseTo(Math.exp(LOGITS[i] / 0.5) / sum, within(0.005));
        }
    }

    @Test
    void topKAndTopPAndMinPKeepOnlyTheMostProbable() {
        assertThat(drawn(SamplingOptions.of(2, 1, 2, OptionalLong.of(1)))).containsExactly(1, 4);
        assertThat(drawn(SamplingOptions.of(1, 0.3, 0, OptionalLong.of(1)))).containsExactly(1);
        assertThat(drawn(SamplingOptions.of(1, 0.9, 0, OptionalLong.of(1)))).containsExactly(1, 2, 4);
        assertThat(drawn(SamplingOptions.of(1, 0, 0, OptionalLong.of(1)))).containsExactly(1);
        var minP = new SamplingOptions(1, 1, 0, 0.3, 1, 0, 0, Map.of(), OptionalLong.of(1), -1);
        assertThat(drawn(minP)).containsExactly(1, 2, 4);
    }

    @Test
    void theSameSeedDrawsTheSameTokens() {
        var random = new Random(5);
        var a = new Sampler(SamplingOptions.of(1, 0.95, 50, OptionalLong.of(42)));
        var b = new Sampler(SamplingOptions.of(1, 0.95, 50, OptionalLong.of(42)));
        for (int i = 0; i < 100; i++) {
            float[] logits = random(random, 1000);
            assertThat(a.sample(logits.clone())).isEqualTo(b.sample(logits));
        }
    }

    @Test
    void penaltiesAndBiasesChangeWhatIsChosen() {
        var repetition = new Sampler(new SamplingOptions(0, 1, 0, 0, 1.5, 0, 0, Map.of(), OptionalLong.empty(), -1));
        assertThat(repetition.sample(LOGITS.clone())).isEqualTo(1);
        assertThat(repetition.sample(LOGITS.clone())).isEqualTo(4);

        var frequency = new Sampler(new SamplingOptions(0, 1, 0, 0, 1, 0.7, 0, Map.of(), OptionalLong.empty(), -1));
        assertThat(frequency.sample(LOGITS.clone())).isEqualTo(1);
        assertThat(frequency.sample(LOGITS.clone())).isEqualTo(4);
        assertThat(frequency.sample(LOGITS.clone())).as("1 and 4 stand at 1.3").isEqualTo(1);

        var presence = new Sampler(new SamplingOptions(0, 1, 0, 0, 1, 0, 2, Map.of(), OptionalLong.empty(), -1));
        assertThat(presence.sample(LOGITS.clone())).isEqualTo(1);
        assertThat(presence.sample(LOGITS.clone())).isEqualTo(4);
        assertThat(presence.sample(LOGITS.clone())).isEqualTo(2);

        var bias = new Sampler(new SamplingOptions(0, 1, 0, 0, 1, 0, 0, Map.of(3, 100.0), OptionalLong.empty(), -1));
        assertThat(bias.sample(LOGITS.clone())).isEqualTo(3);
    }

    @Test
    void aRepetitionPenaltyMakesANegativeLogitSmallerStill() {
        var repetition = new Sampler(new SamplingOptions(0, 1, 0, 0, 2, 0, 0, Map.of(), OptionalLong.empty(), -1));
        float[] logits = {-1f, -1.5f, -3f};
        assertThat(repetition.sample(logits.clone())).isZero();
        assertThat(repetition.sample(logits.clone())).as("-2 against -1.5").isEqualTo(1);
    }

    @Test
    void aPresencePenaltyIsTheSameHoweverOftenATokenCame() {
        var presence = new Sampler(new SamplingOptions(0, 1, 0, 0, 1, 0, 1, Map.of(), OptionalLong.empty(), -1));
        float[] logits = {2f, 0.5f};
        for (int i = 0; i < 4; i++) {
            assertThat(presence.sample(logits.clone())).as("1 against 0.5").isZero();
        }
    }

    @Test
    void theLargestOfManyAreFoundInOrder() {
        var random = new Random(9);
        for (int round = 0; round < 50; round++) {
            float[] logits = random(random, 5000);
            int[] found = Candidates.of(logits, 1, 20).tokens();
            int[] expected = java.util.stream.IntStream.range(0, logits.length)
                    .boxed()
                    .sorted((a, b) -> Float.compare(logits[b], logits[a]))
                    .limit(20)
                    .mapToInt(Integer::intValue)
                    .toArray();
            assertThat(found).isEqualTo(expected);
        }
    }

    /** With an infinite one there would be no probabilities to draw by. */
    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1e300, -101})
    void biasesThatAreNoNumbersOrFarTooLargeAreRefused(double bias) {
        assertThatThrownBy(() -> new SamplingOptions(1, 1, 0, 0, 1, 0, 0, Map.of(3, bias), OptionalLong.of(1), -1))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("logit_bias");
    }

    private static int[] drawn(SamplingOptions options) {
        var sampler = new Sampler(options);
        return java.util.stream.IntStream.range(0, 2000)
                .map(i -> sampler.sample(LOGITS.clone()))
                .distinct()
                .sorted()
                .toArray();
    }

    private static float[] random(Random random, int size) {
        var logits = new float[size];
        for (int i = 0; i < size; i++) {
            logits[i] = (float) random.nextGaussian() * 3;
        }
        return Arrays.copyOf(logits, size);
    }
}
