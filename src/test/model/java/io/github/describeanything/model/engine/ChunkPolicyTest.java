package io.github.describeanything.model.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ChunkPolicyTest {

    @Test
    void aloneAPromptIsComputedInTheLargestRuns() {
        assertThat(new ChunkPolicy(512).next(false)).isEqualTo(512);
    }

    @Test
    void whileOthersWriteARunTakesAboutTwoDecodeRuns() {
        var policy = new ChunkPolicy(512);
        policy.decoded(72_000_000);
        policy.prefilled(64, 64 * 4_000_000L);
        assertThat(policy.next(true)).isEqualTo(32);
    }

    @Test
    void howeverSlowTheMachineThereIsProgress() {
        var policy = new ChunkPolicy(512);
        policy.decoded(1);
        policy.prefilled(64, 1_000_000_000);
        assertThat(policy.next(true)).isEqualTo(8);
    }

    @Test
    void aContextBelowTheSmallestRunIsNeverExceeded() {
        assertThat(new ChunkPolicy(4).next(true)).isEqualTo(4);
    }
}
