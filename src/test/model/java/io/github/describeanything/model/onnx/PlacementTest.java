package io.github.describeanything.model.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.model.TestBundles;
import io.github.describeanything.model.bundle.Manifest.DType;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlacementTest {

    /** The provider refuses names that it does not know, and looks these up in the session. */
    @Test
    void optionsThatBeginWithEpGoToTheSession() {
        var placement = Placement.cuda(0, true, Map.of("ep.cuda.fpa_intb_gemm", "1", "gpu_mem_limit", "99"));
        assertThat(placement.sessionEntries()).containsExactlyEntriesOf(Map.of("ep.cuda.fpa_intb_gemm", "1"));
        assertThat(placement.providerOptions())
                .containsOnly(Map.entry("gpu_mem_limit", "99"), Map.entry("arena_extend_strategy", "kSameAsRequested"));
    }

    /** ONNX Runtime refuses a name that is too long, which shows that it was given this one. */
    @Test
    void bothKindsOfSessionsTakeThem() {
        var file = TestBundles.folder("golden-joint-fp32").resolve("picture.onnx");
        var wrong = new Placement(false, 0, 1, false, Map.of("ep." + "x".repeat(5000), "1"));
        assertThatThrownBy(() -> Graph.load(file, wrong))
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("onfig key");
        var cache = new CacheShape(1, 1, 1, 1, 1, DType.FLOAT32, 1, 1);
        assertThatThrownBy(() -> new DecoderSession(file, cache, 1, wrong))
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("onfig key");
    }
}
