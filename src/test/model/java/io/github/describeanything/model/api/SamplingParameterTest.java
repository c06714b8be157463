package io.github.describeanything.model.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SamplingParameterTest {
    @ParameterizedTest
    @CsvSource({
        "TEMPERATURE, -0.1, 0, 2, 2.1, must be between 0 and 2",
        "TOP_P, -0.1, 0, 1, 1.1, must be between 0 and 1",
        "TOP_K, -1, 0, 1000000, 3e9, must be at least 0",
        "MIN_P, -0.1, 0, 1, 1.1, must be between 0 and 1",
        "REPETITION_PENALTY, 0, 0.001, 10, 10.1, must be above 0 and at most 10",
        "FREQUENCY_PENALTY, -2.1, -2, 2, 2.1, must be between -2 and 2",
        "PRESENCE_PENALTY, -2.1, -2, 2, 2.1, must be between -2 and 2",
        "LOGIT_BIAS, -101, -100, 100, 101, must be between -100 and 100",
        "MAX_TOKENS, 0, 1, 1000000, 3e9, must be at least 1",
        "TOP_LOGPROBS, -1, 0, 20, 21, must be between 0 and 20"
    })
    void valuesOutOfRangeAreRefusedByName(
            SamplingParameter parameter, double below, double least, double most, double above, String rule) {
        assertThat(parameter.rule()).isEqualTo(rule);
        parameter.require(least);
        parameter.require(most);
        for (double bad : new double[] {below, above, Double.NaN}) {
            assertThatThrownBy(() -> parameter.require(bad))
                    .isInstanceOfSatisfying(RequestException.class, it -> {
                        assertThat(it.param()).isEqualTo(parameter.wireName());
                        assertThat(it.code()).isEqualTo("invalid_value");
                    })
                    .hasMessage(parameter.wireName() + " " + rule);
        }
    }

    @ParameterizedTest
    @EnumSource
    void defaultsAreInRange(SamplingParameter parameter) {
        parameter
                .defaultValue()
                .ifPresent(it -> assertThat(parameter.allows(it)).isTrue());
    }

    @Test
    void defaultsAreThoseOfTheDefaultRequest() {
        var greedy = SamplingOptions.GREEDY;
        assertThat(greedy.temperature()).isEqualTo(defaultValue(SamplingParameter.TEMPERATURE));
        assertThat(greedy.topP()).isEqualTo(defaultValue(SamplingParameter.TOP_P));
        assertThat(greedy.topK()).isEqualTo((int) defaultValue(SamplingParameter.TOP_K));
        assertThat(greedy.minP()).isEqualTo(defaultValue(SamplingParameter.MIN_P));
        assertThat(greedy.repetitionPenalty()).isEqualTo(defaultValue(SamplingParameter.REPETITION_PENALTY));
        assertThat(greedy.frequencyPenalty()).isEqualTo(defaultValue(SamplingParameter.FREQUENCY_PENALTY));
        assertThat(greedy.presencePenalty()).isEqualTo(defaultValue(SamplingParameter.PRESENCE_PENALTY));
        assertThat(greedy.seed()).isEmpty();
        assertThat(DescriptionRequest.DEFAULT.maxTokens()).isEqualTo((int) defaultValue(SamplingParameter.MAX_TOKENS));
    }

    private static double defaultValue(SamplingParameter parameter) {
        return parameter.defaultValue().orElseThrow();
    }
}
