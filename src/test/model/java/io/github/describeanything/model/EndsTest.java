package io.github.describeanything.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.decode.Decoder;
import io.github.describeanything.model.onnx.Graph;
import io.github.describeanything.model.onnx.OnnxException;
import io.github.describeanything.model.onnx.Placement;
import io.github.describeanything.model.vision.Encoder;
import io.github.describeanything.model.vision.VisionEncoder;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** However something ends, nobody waits for ever, nothing stays taken, and nothing is closed while it runs. */
class EndsTest {
    private final SlowEncoder slow = new SlowEncoder();

    private static DescribeAnything open(UnaryOperator<Encoder> encoders, UnaryOperator<Decoder> decoders) {
        return DescribeAnything.open(
                TestBundles.folder("golden-joint-fp32"), TestBundles.options(2, 16), encoders, decoders);
    }

    private DescribeAnything openSlow() {
        return open(slow::over, UnaryOperator.identity());
    }

    private static DescriptionRequest request(int seed) {
        return DescriptionRequest.of(TestPictures.noise(seed)).limitedTo(4);
    }

    private static DescriptionRequest about(PictureSource source) {
        var like = request(1);
        return new DescriptionRequest(
                List.of(source), "", like.sampling(), like.maxTokens(), like.stop(), like.ignoreEos());
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(1);
        }
    }

    @Test
    void whoLeavesWhileOthersAreEncodedGivesItsPlaceBackAtOnce() throws Exception {
        try (var model = openSlow()) {
            slow.hold();
            var staying = model.describeAsync(request(1));
            slow.begun.await();
            var leaving = new ArrayList<Generation>();
            for (int i = 2; i < 7; i++) {
                leaving.add(model.start(request(i)));
            }
            assertThat(model.load().accepted()).isEqualTo(6);
            leaving.forEach(Generation::cancel);
            await(() -> model.load().accepted() == 1);
            assertThat(staying).isNotDone();
            slow.release();
            assertThat(staying.get(20, TimeUnit.SECONDS).text()).isNotEmpty();
            // What was dropped can be asked for again.
            assertThat(model.describe(request(3)).text()).isNotEmpty();
        }
    }

    @Test
    void whoLeavesAnEncodingThatOthersWantTooGivesItsPlaceBackAtOnce() throws Exception {
        try (var model = openSlow()) {
            slow.hold();
            var staying = model.describeAsync(request(1));
            slow.begun.await();
            Generation leaving = model.start(request(1));
            assertThat(model.load().accepted()).isEqualTo(2);
            leaving.cancel();
            await(() -> model.load().accepted() == 1);
            assertThat(leaving.next()).isInstanceOf(GenerationEvent.Cancelled.class);
            assertThat(staying).isNotDone();
            slow.release();
            assertThat(staying.get(20, TimeUnit.SECONDS).text()).isNotEmpty();
        }
    }

    /** As after running out of memory for good. */
    @Test
    void aVisionGraphThatCannotBeOpenedAgainIsClosedOnce() {
        var left =
                new ArrayList<>(List.of(TestBundles.folder("golden-joint-fp32").resolve("vision.onnx")));
        var vision = new VisionEncoder(() -> Graph.load(left.removeFirst(), Placement.cpu(1)), 56);
        assertThatThrownBy(vision::reopen).isInstanceOf(NoSuchElementException.class);
        vision.close();
        vision.close();
    }

    @Test
    void closingAgainIsHarmless() {
        var model = open(UnaryOperator.identity(), UnaryOperator.identity());
        assertThat(model.describe(request(1)).text()).isNotEmpty();
        model.close();
        model.close();
    }

    private static Set<Thread> engines() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(it -> it.getName().equals("engine"))
                .collect(Collectors.toSet());
    }

    @Test
    void theEngineIsClosedThoughTheVisionGraphCannotBe() {
        Set<Thread> others = engines();
        var model = open(ClosingFails::new, UnaryOperator.identity());
        assertThat(model.describe(request(1)).text()).isNotEmpty();
        assertThatThrownBy(model::close).hasMessage("planted");
        assertThat(others).containsAll(engines());
    }

    /** As a run of minutes would: on a large model, or a slow machine. */
    @Test
    void closingStopsARunOfTheDecoder() throws Exception {
        var begun = new CountDownLatch(1);
        var terminated = new CountDownLatch(1);
        var model = open(UnaryOperator.identity(), real -> (Decoder) Proxy.newProxyInstance(
                Decoder.class.getClassLoader(), new Class<?>[] {Decoder.class}, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "prefill" -> {
                            begun.countDown();
                            terminated.await();
                            throw new OnnxException("terminated");
                        }
                        case "terminate" -> terminated.countDown();
                        default -> {}
                    }
                    return method.invoke(real, arguments);
                }));
        var asked = model.describeAsync(request(1));
        begun.await();
        CompletableFuture.runAsync(model::close).get(20, TimeUnit.SECONDS);
        assertThat(asked.handle((answer, failure) -> failure != null).get(20, TimeUnit.SECONDS))
                .isTrue();
    }

    /** Loading a large model takes minutes. */
    @Test
    void closingWhileTheDecoderCannotBeOpenedAgainDoesNotWaitForAnotherTry() throws Exception {
        var tries = new AtomicInteger();
        var model = open(UnaryOperator.identity(), real -> (Decoder) Proxy.newProxyInstance(
                Decoder.class.getClassLoader(), new Class<?>[] {Decoder.class}, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "prefill" -> throw new OnnxException("planted");
                        case "reopen" -> {
                            tries.incrementAndGet();
                            throw new OnnxException("planted again");
                        }
                        default -> {
                            return method.invoke(real, arguments);
                        }
                    }
                }));
        assertThatThrownBy(() -> model.describe(request(1))).isInstanceOf(ModelException.class);
        await(() -> tries.get() == 1);
        model.close();
        assertThat(tries).hasValue(1);
    }

    private record ClosingFails(Encoder real) implements Encoder {
        @Override
        public float[] encode(List<float[]> views) {
            return real.encode(views);
        }

        @Override
        public void reopen() {
            real.reopen();
        }

        @Override
        public void close() {
            real.close();
            throw new OnnxException("planted");
        }
    }

    @Test
    void anErrorOfAPicturesReaderIsToldAndTheSamePictureCanBeAskedForAgain() {
        Picture picture = TestPictures.noise(9);
        ByteBuffer key = ByteBuffer.wrap(new byte[] {9});
        try (var model = openSlow()) {
            var bad = about(PictureSource.of(key, () -> {
                throw new UnsatisfiedLinkError("planted");
            }));
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> model.describeAsync(bad).get(20, TimeUnit.SECONDS))
                        .hasCauseInstanceOf(ModelException.class);
            }
            assertThat(model.load().accepted()).isZero();
            assertThat(model.describe(about(PictureSource.of(key, () -> picture)))
                            .text())
                    .isNotEmpty();
        }
    }

    @Test
    void whoComesWhenTheVisionGraphHasBrokenForGoodIsTold() throws Exception {
        var checking = new CountDownLatch(1);
        var checked = new CountDownLatch(1);
        var broken = new CompletableFuture<ModelException>();
        try (var model = openSlow()) {
            model.whenBroken(broken::complete);
            var late = model.describeAsync(about(new PictureSource() {
                @Override
                public ByteBuffer key() {
                    return ByteBuffer.wrap(new byte[] {3});
                }

                @Override
                public void check() {
                    checking.countDown();
                    try {
                        checked.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }

                @Override
                public Picture read() {
                    return TestPictures.noise(3);
                }
            }));
            checking.await();
            slow.fail = true;
            assertThatThrownBy(() -> model.describeAsync(request(4)).get(20, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(ModelException.class);
            broken.get(20, TimeUnit.SECONDS);
            checked.countDown();
            assertThatThrownBy(() -> late.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(ModelException.class);
            await(() -> model.load().accepted() == 0);
        }
    }

    @Test
    void closingOnAnInterruptedThreadStillWaitsForTheGraph() throws Exception {
        var model = openSlow();
        slow.hold();
        var asked = model.describeAsync(request(1));
        slow.begun.await();
        Thread closing = Thread.ofPlatform().start(() -> {
            Thread.currentThread().interrupt();
            model.close();
        });
        closing.join(200);
        assertThat(closing.isAlive()).isTrue();
        assertThat(slow.closed).isFalse();
        slow.release();
        closing.join(20_000);
        assertThat(closing.isAlive()).isFalse();
        assertThat(slow.closed).isTrue();
        assertThat(slow.closedWhileRunning).isFalse();
        // Answered in time or given up, but told.
        assertThat(asked.handle((answer, failure) -> true).get(20, TimeUnit.SECONDS))
                .isTrue();
    }

    @Test
    void whoHearsThatTheModelBrokeMayCloseIt() throws Exception {
        var closed = new CountDownLatch(1);
        var model = openSlow();
        model.whenBroken(cause -> {
            model.close();
            closed.countDown();
        });
        slow.fail = true;
        assertThatThrownBy(() -> model.describe(request(1))).isInstanceOf(ModelException.class);
        assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aModelThatCannotBeOpenedLeavesNothingRunning() throws Exception {
        long before = visionThreads();
        assertThatThrownBy(() -> open(slow::over, real -> {
                    real.close();
                    throw new OnnxException("planted");
                }))
                .hasMessage("planted");
        assertThat(slow.closed).isTrue();
        await(() -> visionThreads() <= before);
    }

    private static long visionThreads() {
        return Stream.of(Thread.getAllStackTraces().keySet().toArray(Thread[]::new))
                .filter(it -> it.getName().equals("vision"))
                .count();
    }

    /** An encoder that waits, or fails for good, when a test says so. */
    private static final class SlowEncoder {
        private final CountDownLatch begun = new CountDownLatch(1);
        private volatile CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);
        private volatile boolean fail;
        private volatile boolean running;
        private volatile boolean closed;
        private volatile boolean closedWhileRunning;

        void hold() {
            gate = new CompletableFuture<>();
        }

        void release() {
            gate.complete(null);
        }

        Encoder over(Encoder real) {
            return new Encoder() {
                @Override
                public float[] encode(List<float[]> views) {
                    running = true;
                    begun.countDown();
                    // Like native code it does not listen to interrupts.
                    gate.join();
                    if (fail) {
                        throw new OnnxException("planted");
                    }
                    float[] features = real.encode(views);
                    running = false;
                    return features;
                }

                @Override
                public void reopen() {
                    throw new OnnxException("planted for good");
                }

                @Override
                public void close() {
                    closed = true;
                    closedWhileRunning = running;
                    real.close();
                }
            };
        }
    }
}
