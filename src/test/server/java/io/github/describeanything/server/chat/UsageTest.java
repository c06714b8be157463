package io.github.describeanything.server.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.model.Usage;
import java.util.List;
import org.junit.jupiter.api.Test;

class UsageTest {
    @Test
    void tokensOfSeveralRegionsAreAddedUp() {
        assertThat(Answers.usage(List.of(new Usage(210, 200, 3), new Usage(212, 30, 4)), 1))
                .isEqualTo(UsageBody.of(422, 230, 7));
    }

    @Test
    void promptsOfSeveralAnswersToARegionCountOnce() {
        var usages =
                List.of(new Usage(210, 200, 3), new Usage(210, 209, 4), new Usage(212, 30, 5), new Usage(212, 211, 6));
        assertThat(Answers.usage(usages, 2)).isEqualTo(UsageBody.of(422, 230, 18));
    }
}
