package io.github.describeanything.model.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.model.TestBundles;
import io.github.describeanything.model.api.BusyException;
import io.github.describeanything.model.api.ModelException;
import io.github.describeanything.model.bundle.SegmenterBundle;
import io.github.describeanything.model.lane.Costs;
import io.github.describeanything.model.lane.Lane;
import io.github.describeanything.model.onnx.Placement;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GraphQueueTest {
    private final Lane lane = new Lane("segmenter", cause -> {});
    private SegmentGraphs graphs;
    private GraphQueue queue;
    private float[] features;

    @BeforeEach
    void open() {
        SegmenterBundle bundle = SegmenterBundle.open(TestBundles.folder("sam-golden"));
        graphs = new SegmentGraphs(bundle, Placement.cpu(1));
        queue = new GraphQueue(lane, graphs, Costs.Kind.MASK);
        lane.add(queue);
        features = new float[bundle.manifest().sam2().features()];
    }

    @AfterEach
    void close() {
        lane.close();
    }

    private CompletableFuture<DecodedMasks> decode(float[] from, ModelPrompt prompt) {
        return queue.submit(it -> it.masks().decode(from, prompt));
    }

    private static ModelPrompt click(float x) {
        return new ModelPrompt(new float[] {x, 20, 0, 0}, new long[] {1, -1}, Optional.empty());
    }

    @Test
    void aFailedGraphIsOpenedAgainAndServesTheNext() {
        graphs.close();
        assertThatThrownBy(decode(features, click(10))::join).hasCauseInstanceOf(ModelException.class);
        assertThat(decode(features, click(10)).join().finite()).isTrue();
        assertThat(lane.costs().runs(Costs.Kind.MASK)).isEqualTo(1);
    }

    @Test
    void masksThatAreNotNumbersAreNotPassedOn() {
        var broken = features.clone();
        broken[broken.length - 1] = Float.NaN;
        assertThatThrownBy(decode(broken, click(10))::join)
                .hasCauseInstanceOf(ModelException.class)
                .hasMessageContaining("segmenter failed");
        assertThat(decode(features, click(10)).join().finite()).isTrue();
    }

    @Test
    void aPromptThatWasTakenBackIsNotRun() {
        var gate = new CompletableFuture<Void>();
        lane.post(gate::join);
        CompletableFuture<DecodedMasks> first = decode(features, click(10));
        CompletableFuture<DecodedMasks> second = decode(features, click(20));
        first.cancel(false);
        gate.complete(null);
        assertThat(second.join().finite()).isTrue();
        assertThat(lane.costs().runs(Costs.Kind.MASK)).isEqualTo(1);
    }

    @Test
    void whatWaitsWhenTheLaneClosesIsFailed() {
        var gate = new CompletableFuture<Void>();
        lane.post(gate::join);
        CompletableFuture<DecodedMasks> waiting = decode(features, click(10));
        Thread closing = Thread.startVirtualThread(lane::close);
        gate.complete(null);
        assertThat(waiting.handle((masks, why) -> masks != null || why instanceof BusyException)
                        .join())
                .isTrue();
        assertThatThrownBy(() -> {
                    closing.join();
                    decode(features, click(10)).join();
                })
                .hasCauseInstanceOf(BusyException.class);
    }
}
