package io.github.describeanything.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.model.bundle.Bundle;
import io.github.describeanything.model.bundle.Manifest;
import org.junit.jupiter.api.Test;

class KvCachePlanTest {
    private final Manifest manifest = Bundle.manifest(TestBundles.folder("golden-joint-fp32"));

    private int slots(EngineOptions.Builder options) {
        return KvCachePlan.of(manifest, options.build()).slots();
    }

    @Test
    void theDefaultMemoryIsDividedBetweenTheModelsOnADevice() {
        assertThat(slots(EngineOptions.builder())).isEqualTo(8);
        assertThat(slots(EngineOptions.builder().models(1_000_000))).isEqualTo(1);
    }

    @Test
    void memoryOfItsOwnIsNotDivided() {
        long slot = KvCachePlan.of(manifest, EngineOptions.defaults()).context()
                * manifest.decoder().cacheBytesPerToken();
        assertThat(slots(EngineOptions.builder().models(1_000_000).kvMemory(3 * slot)))
                .isEqualTo(3);
    }
}
