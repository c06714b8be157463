package io.github.describeanything.model.family.dam;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.model.TestBundles;
import io.github.describeanything.model.bundle.Bundle;
import io.github.describeanything.model.onnx.Graph;
import io.github.describeanything.model.onnx.OnnxException;
import io.github.describeanything.model.onnx.Placement;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class DamVisionTest {
    /** Reopening fails, as when memory stays exhausted. */
    @Test
    void aVisionGraphThatCannotBeReopenedIsClosedOnce() {
        var bundle = Bundle.open(TestBundles.folder("golden-joint-fp32"));
        var left = new ArrayList<>(List.of(bundle.graph("vision")));
        var views = new DamViews(load(bundle, "picture"), load(bundle, "region"));
        var vision = new DamVision(56, views, () -> Graph.load(left.removeFirst(), Placement.cpu(1)));
        assertThatThrownBy(vision::reopen).isInstanceOf(NoSuchElementException.class);
        assertThatThrownBy(() -> vision.encode(List.of(vision.blank()))).isInstanceOf(OnnxException.class);
        vision.close();
        vision.close();
    }

    private static Graph load(Bundle bundle, String role) {
        return Graph.load(bundle.graph(role), Placement.cpu(1));
    }
}
