package io.github.describeanything.model.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.model.TestBundles;
import io.github.describeanything.model.bundle.Bundle;
import io.github.describeanything.model.decode.OnnxDecoder;
import io.github.describeanything.model.onnx.Graph.Value;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** With decode runs that take the way of captured ones, on the CPU. */
@Timeout(120)
class CaptureLockTest {
    private static final Path BUNDLE = TestBundles.folder("golden-joint-fp32");
    private static final Placement CAPTURED = new Placement(false, 0, 1, true, Map.of());

    private static FutureTask<Boolean> started(Runnable work, Thread[] thread) {
        var task = new FutureTask<>(work, true);
        thread[0] = Thread.ofPlatform().start(task);
        return task;
    }

    private static void untilItWaits(Thread thread) throws InterruptedException {
        while (thread.getState() != Thread.State.WAITING) {
            assertThat(thread.isAlive()).as("it did not wait").isTrue();
            Thread.sleep(1);
        }
    }

    private static float[] resize(Graph graph, CountDownLatch begun, CountDownLatch end) {
        var colours = new Value.Bytes(
                buffer -> {
                    begun.countDown();
                    try {
                        assertThat(end.await(60, TimeUnit.SECONDS)).isTrue();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                },
                8,
                8,
                4);
        return graph.run(Map.of("colours", colours), "picture").data();
    }

    @Test
    void aReopenedDecoderCapturesWhenNoPictureIsEncoded() throws Exception {
        try (var vision = Graph.load(BUNDLE.resolve("picture.onnx"), CAPTURED);
                var decoder = new OnnxDecoder(Bundle.open(BUNDLE), 2, 64, 16, CAPTURED)) {
            var begun = new CountDownLatch(1);
            var end = new CountDownLatch(1);
            var threads = new Thread[1];
            var encoding = started(() -> resize(vision, begun, end), threads);
            FutureTask<Boolean> capturing;
            try {
                begun.await();
                capturing = started(
                        () -> {
                            decoder.reopen();
                            decoder.warmUp();
                        },
                        threads);
                untilItWaits(threads[0]);
                assertThat(capturing.isDone()).isFalse();
            } finally {
                end.countDown();
            }
            assertThat(encoding.get(60, TimeUnit.SECONDS)).isTrue();
            assertThat(capturing.get(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void picturesWaitForACaptureAndGraphsOnTheCpuDoNot() throws Exception {
        var open = new CountDownLatch(0);
        try (var vision = Graph.load(BUNDLE.resolve("picture.onnx"), CAPTURED);
                var onCpu = Graph.load(BUNDLE.resolve("picture.onnx"), Placement.cpu(1))) {
            var threads = new Thread[1];
            FutureTask<Boolean> encoding;
            CaptureLock.capture().lock();
            try {
                encoding = started(() -> resize(vision, open, open), threads);
                untilItWaits(threads[0]);
                assertThat(started(() -> resize(onCpu, open, open), new Thread[1])
                                .get(60, TimeUnit.SECONDS))
                        .isTrue();
                assertThat(encoding.isDone()).isFalse();
            } finally {
                CaptureLock.capture().unlock();
            }
            assertThat(encoding.get(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void stepsAfterTheFirstRunBesidePictures() throws Exception {
        try (var vision = Graph.load(BUNDLE.resolve("picture.onnx"), CAPTURED);
                var decoder = new OnnxDecoder(Bundle.open(BUNDLE), 2, 64, 16, CAPTURED)) {
            decoder.warmUp();
            var begun = new CountDownLatch(1);
            var end = new CountDownLatch(1);
            var encoding = started(() -> resize(vision, begun, end), new Thread[1]);
            begun.await();
            assertThat(started(() -> decoder.decode(2, new int[2]), new Thread[1])
                            .get(60, TimeUnit.SECONDS))
                    .isTrue();
            end.countDown();
            assertThat(encoding.get(60, TimeUnit.SECONDS)).isTrue();
        }
    }
}
