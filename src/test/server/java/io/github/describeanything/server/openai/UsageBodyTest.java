package io.github.describeanything.server.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.model.api.Usage;
import java.util.List;
import org.junit.jupiter.api.Test;

class UsageBodyTest {
    @Test
    void tokensOfAllRegionsAreSummed() {
        assertThat(UsageBody.of(List.of(new Usage(210, 200, 3), new Usage(212, 30, 4)), 1))
                .isEqualTo(new UsageBody(422, 7, 429, new UsageBody.PromptDetails(230)));
    }

    @Test
    void thePromptOfARegionCountsOnce() {
        var usages =
                List.of(new Usage(210, 200, 3), new Usage(210, 209, 4), new Usage(212, 30, 5), new Usage(212, 211, 6));
        assertThat(UsageBody.of(usages, 2)).isEqualTo(new UsageBody(422, 18, 440, new UsageBody.PromptDetails(230)));
    }
}
