package io.github.describeanything.model.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ChunkPolicyTest {
    private static final long MS = 1_000_000;

    private final ChunkPolicy policy = new ChunkPolicy(512, 4);

    @Test
    void aPromptAloneUsesTheLargestChunks() {
        assertThat(policy.beside(0)).isEqualTo(512);
    }

    @Test
    void besideOthersAChunkTakesAboutTwoDecodeRuns() {
        policy.decoded(1, 60 * MS);
        policy.prefilled(276, (60 + 276 * 4) * MS);
        assertThat(policy.beside(1)).as("60 + 4 n = 120, in twos").isEqualTo(14);
        policy.decoded(2, 100 * MS);
        assertThat(policy.beside(2)).as("60 + 4 n = 200, in twos").isEqualTo(34);
    }

    /** Small products are less efficient, so that weights seem cheaper to read, and tokens dearer, than they are. */
    @Test
    void smallChunksDoNotMakeEachOtherSmaller() {
        policy.decoded(1, 60 * MS);
        policy.prefilled(276, (80 + 276 * 4) * MS);
        for (int i = 0; i < 100; i++) {
            int tokens = policy.beside(1);
            policy.prefilled(tokens, (80 + tokens * 4) * MS);
        }
        assertThat(policy.beside(1)).as("80 + 4 n = 120").isEqualTo(10);
    }

    @Test
    void shortRunsDoNotCountAsTheCostOfAToken() {
        policy.decoded(1, 60 * MS);
        policy.prefilled(64, (60 + 64 * 4) * MS);
        policy.prefilled(1, 80 * MS);
        assertThat(policy.beside(1)).isEqualTo(14);
    }

    @Test
    void rowsThatWereNotMeasuredCostWhatFewerDo() {
        policy.decoded(2, 60 * MS);
        policy.prefilled(64, (60 + 64 * 4) * MS);
        assertThat(policy.beside(4)).isEqualTo(14);
        assertThat(policy.beside(1)).isEqualTo(14);
        assertThat(policy.interval(4)).isEqualTo(Duration.ofMillis(180));
    }

    @Test
    void throughputChunksFitIntoTheRestOfTheGap() {
        policy.prefilled(64, 64 * 10 * MS);
        assertThat(policy.within(Duration.ofSeconds(2))).isEqualTo(200);
        assertThat(policy.within(Duration.ofMillis(900))).isEqualTo(90);
        assertThat(policy.within(Duration.ofSeconds(20))).isEqualTo(512);
        assertThat(policy.within(Duration.ofMillis(-1))).isZero();
    }

    @Test
    void noRunIsLeftForAFewTokens() {
        assertThat(policy.cut(16, 10)).isEqualTo(10);
        assertThat(policy.cut(16, 16)).isEqualTo(16);
        assertThat(policy.cut(16, 23)).isEqualTo(23);
        assertThat(policy.cut(16, 24)).isEqualTo(16);
        assertThat(policy.cut(512, 513)).as("a run takes 512 at most").isEqualTo(512);
    }

    @Test
    void slowMachinesMakeProgress() {
        policy.decoded(1, 1);
        policy.prefilled(64, 1_000 * MS);
        assertThat(policy.beside(1)).isEqualTo(8);
    }

    @Test
    void nothingIsKnownAtFirst() {
        assertThat(policy.beside(1)).isEqualTo(32);
        assertThat(policy.within(Duration.ofMillis(1))).isEqualTo(512);
        assertThat(policy.interval(1)).isZero();
    }

    @Test
    void aContextBelowTheSmallestChunkIsNotExceeded() {
        assertThat(new ChunkPolicy(4, 1).beside(1)).isEqualTo(4);
    }
}
