package io.github.describeanything.model.vision;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BatchPolicyTest {

    @Test
    void picturesJoinWhereARunIsShort() {
        var policy = new BatchPolicy(8, false);
        assertThat(policy.joins(1, 1)).as("nothing is known yet").isFalse();
        policy.ran(1, Duration.ofMillis(5));
        assertThat(policy.joins(1, 1)).isTrue();
        assertThat(policy.joins(8, 1)).as("more than a run takes").isFalse();
    }

    @Test
    void picturesOfALargeModelOnACpuGoOneByOne() {
        var policy = new BatchPolicy(8, false);
        policy.ran(8, Duration.ofSeconds(40));
        assertThat(policy.joins(1, 1)).isFalse();
    }

    @Test
    void onADeviceTheyAlwaysJoin() {
        var policy = new BatchPolicy(8, true);
        policy.ran(1, Duration.ofSeconds(1));
        assertThat(policy.joins(7, 1)).isTrue();
    }
}
