package io.github.describeanything.model.features;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.model.lane.Costs;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BatchPolicyTest {
    private final Costs costs = new Costs();

    private void ran(int frames, Duration took) {
        costs.record(Costs.Kind.VISION, frames, took.toNanos());
    }

    @Test
    void framesAreBatchedIfRunsAreShort() {
        var policy = new BatchPolicy(8, false, costs);
        assertThat(policy.shouldBatch(1, 1)).as("before the first run").isFalse();
        ran(1, Duration.ofMillis(5));
        assertThat(policy.shouldBatch(1, 1)).isTrue();
        assertThat(policy.shouldBatch(8, 1)).as("over the limit of a run").isFalse();
    }

    @Test
    void slowModelsOnACpuRunFramesOneByOne() {
        ran(8, Duration.ofSeconds(40));
        assertThat(new BatchPolicy(8, false, costs).shouldBatch(1, 1)).isFalse();
    }

    @Test
    void framesAreAlwaysBatchedOnADevice() {
        ran(1, Duration.ofSeconds(1));
        assertThat(new BatchPolicy(8, true, costs).shouldBatch(7, 1)).isTrue();
    }
}
