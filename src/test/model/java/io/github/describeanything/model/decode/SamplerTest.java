package io.github.describeanything.model.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.describeanything.model.api.RequestException;
import io.github.describeanything.model.api.SamplingOptions;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SamplerTest {
    private static final float[] LOGITS = {0f, 2f, 1f, -1f, 2f};

    @Test
    void greedyTakesTheFirstOfEqualLogits() {
        assertThat(new Sampler(SamplingOptions.GREEDY).sample(LOGITS.clone())).isEqualTo(1);
    }

    @Test
    void drawsFollowTheSoftmax() {
        var sampler =
                new Sampler(SamplingOptions.builder().temperature(0.5).seed(3).build());
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
    void topKTopPAndMinPKeepTheMostProbableTokens() {
        assertThat(drawn(
                        SamplingOptions.builder().temperature(2).topK(2).seed(1).build()))
                .containsExactly(1, 4);
        assertThat(drawn(SamplingOptions.builder()
                        .temperature(1)
                        .topP(0.3)
                        .seed(1)
                        .build()))
                .containsExactly(1);
        assertThat(drawn(SamplingOptions.builder()
                        .temperature(1)
                        .topP(0.9)
                        .seed(1)
                        .build()))
                .containsExactly(1, 2, 4);
        assertThat(drawn(
                        SamplingOptions.builder().temperature(1).topP(0).seed(1).build()))
                .containsExactly(1);
        var minP = SamplingOptions.builder().temperature(1).minP(0.3).seed(1).build();
        assertThat(drawn(minP)).containsExactly(1, 2, 4);
    }

    @Test
    void topPOf0KeepsOnlyTheMostProbableToken() {
        assertThat(drawn(
                        SamplingOptions.builder().temperature(2).topP(0).seed(1).build()))
                .containsExactly(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, -1, 0, Long.MAX_VALUE})
    void any64BitSeedIsRepeatable(long seed) {
        var options = SamplingOptions.builder().temperature(2).seed(seed).build();
        var once = new Sampler(options);
        var again = new Sampler(options);
        for (int i = 0; i < 50; i++) {
            assertThat(once.sample(LOGITS.clone())).isEqualTo(again.sample(LOGITS.clone()));
        }
    }

    @Test
    void theSameSeedDrawsTheSameTokens() {
        var random = new Random(5);
        var a = new Sampler(SamplingOptions.builder()
                .temperature(1)
                .topP(0.95)
                .topK(50)
                .seed(42)
                .build());
        var b = new Sampler(SamplingOptions.builder()
                .temperature(1)
                .topP(0.95)
                .topK(50)
                .seed(42)
                .build());
        for (int i = 0; i < 100; i++) {
            float[] logits = random(random, 1000);
            assertThat(a.sample(logits.clone())).isEqualTo(b.sample(logits));
        }
    }

    @Test
    void penaltiesAndBiasesChangeTheChoice() {
        var repetition =
                new Sampler(SamplingOptions.builder().repetitionPenalty(1.5).build());
        assertThat(repetition.sample(LOGITS.clone())).isEqualTo(1);
        assertThat(repetition.sample(LOGITS.clone())).isEqualTo(4);

        var frequency =
                new Sampler(SamplingOptions.builder().frequencyPenalty(0.7).build());
        assertThat(frequency.sample(LOGITS.clone())).isEqualTo(1);
        assertThat(frequency.sample(LOGITS.clone())).isEqualTo(4);
        assertThat(frequency.sample(LOGITS.clone()))
                .as("tokens 1 and 4 both have 1.3")
                .isEqualTo(1);

        var presence = new Sampler(SamplingOptions.builder().presencePenalty(2).build());
        assertThat(presence.sample(LOGITS.clone())).isEqualTo(1);
        assertThat(presence.sample(LOGITS.clone())).isEqualTo(4);
        assertThat(presence.sample(LOGITS.clone())).isEqualTo(2);

        var bias = new Sampler(
                SamplingOptions.builder().logitBias(Map.of(3, 100.0)).build());
        assertThat(bias.sample(LOGITS.clone())).isEqualTo(3);
    }

    @Test
    void repetitionPenaltyLowersNegativeLogits() {
        var repetition =
                new Sampler(SamplingOptions.builder().repetitionPenalty(2).build());
        float[] logits = {-1f, -1.5f, -3f};
        assertThat(repetition.sample(logits.clone())).isZero();
        assertThat(repetition.sample(logits.clone())).as("-2 against -1.5").isEqualTo(1);
    }

    @Test
    void presencePenaltyDoesNotDependOnTheCount() {
        var presence = new Sampler(SamplingOptions.builder().presencePenalty(1).build());
        float[] logits = {2f, 0.5f};
        for (int i = 0; i < 4; i++) {
            assertThat(presence.sample(logits.clone())).as("1 against 0.5").isZero();
        }
    }

    @Test
    void theTopKOfManyAreSorted() {
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

    /** With an infinite bias, the softmax would be NaN. */
    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1e300, -101})
    void nanAndTooLargeBiasesAreRefused(double bias) {
        assertThatThrownBy(() -> SamplingOptions.builder()
                        .temperature(1)
                        .logitBias(Map.of(3, bias))
                        .seed(1)
                        .build())
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
