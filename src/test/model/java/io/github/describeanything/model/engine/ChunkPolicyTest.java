package io.github.describeanything.model.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.model.lane.Costs;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ChunkPolicyTest {
    private final Costs costs = new Costs();

    @Test
    void aPromptAloneUsesTheLargestChunks() {
        assertThat(new ChunkPolicy(512, costs).beside(false)).isEqualTo(512);
    }

    @Test
    void besideOthersAChunkTakesAboutTwoDecodeRuns() {
        costs.record(Costs.Kind.DECODE, 1, 72_000_000);
        costs.record(Costs.Kind.PREFILL, 64, 64 * 4_000_000L);
        assertThat(new ChunkPolicy(512, costs).beside(true)).isEqualTo(32);
    }

    @Test
    void shortRunsDoNotCountAsTheCostOfAToken() {
        costs.record(Costs.Kind.DECODE, 1, 72_000_000);
        costs.record(Costs.Kind.PREFILL, 64, 64 * 4_000_000L);
        costs.record(Costs.Kind.PREFILL, 1, 72_000_000);
        assertThat(new ChunkPolicy(512, costs).beside(true)).isEqualTo(32);
    }

    @Test
    void throughputChunksFitIntoTheRestOfTheGap() {
        costs.record(Costs.Kind.PREFILL, 64, 64 * 10_000_000L);
        var policy = new ChunkPolicy(512, costs);
        assertThat(policy.within(Duration.ofSeconds(2))).isEqualTo(128);
        assertThat(policy.within(Duration.ofMillis(900))).isEqualTo(64);
        assertThat(policy.within(Duration.ofMillis(-1))).isZero();
    }

    @Test
    void slowMachinesMakeProgress() {
        costs.record(Costs.Kind.DECODE, 1, 1);
        costs.record(Costs.Kind.PREFILL, 64, 1_000_000_000);
        assertThat(new ChunkPolicy(512, costs).beside(true)).isEqualTo(8);
    }

    @Test
    void aContextBelowTheSmallestChunkIsNotExceeded() {
        assertThat(new ChunkPolicy(4, costs).beside(true)).isEqualTo(4);
    }
}
