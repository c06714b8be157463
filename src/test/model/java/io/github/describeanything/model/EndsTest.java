package io.github.describeanything.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.model.api.BusyException;
import io.github.describeanything.model.api.Description;
import io.github.describeanything.model.api.DescriptionRequest;
import io.github.describeanything.model.api.Generation;
import io.github.describeanything.model.api.GenerationEvent;
import io.github.describeanything.model.api.ModelException;
import io.github.describeanything.model.decode.Decoder;
import io.github.describeanything.model.features.Encoder;
import io.github.describeanything.model.features.View;
import io.github.describeanything.model.onnx.OnnxException;
import io.github.describeanything.model.text.Prompt;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
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

/** However something ends, every caller gets an answer, every permit is released, and nothing is closed while it runs. */
class EndsTest {
    private final SlowEncoder slow = new SlowEncoder();

    private static DescribeAnything open(UnaryOperator<Encoder> encoders, UnaryOperator<Decoder> decoders) {
        return DescribeAnything.open(
                TestBundles.folder("golden-joint-fp32"), TestBundles.options(2, 16), encoders, decoders);
    }

    private DescribeAnything openSlow() {
        return open(slow::over, UnaryOperator.identity());
    }

    private static final DescriptionRequest REQUEST = DescriptionRequest.DEFAULT.limitedTo(4);

    private static CompletableFuture<Description> ask(DescribeAnything model, int seed) {
        return model.describeAsync(TestPictures.subject(seed), REQUEST);
    }

    private static Generation start(DescribeAnything model, int seed) {
        return model.start(TestPictures.subject(seed), REQUEST);
    }

    private static void isAnswered(DescribeAnything model, int seed) {
        assertThat(model.describe(TestPictures.subject(seed), REQUEST).text()).isNotEmpty();
    }

    private static void isAnswered(CompletableFuture<Description> asked) throws Exception {
        assertThat(asked.get(20, TimeUnit.SECONDS).text()).isNotEmpty();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(1);
        }
    }

    @Test
    void cancellingWhileOthersAreEncodedReleasesThePermitAtOnce() throws Exception {
        try (var model = openSlow()) {
            slow.hold();
            var staying = ask(model, 1);
            slow.begun.await();
            var leaving = new ArrayList<Generation>();
            for (int i = 2; i < 7; i++) {
                leaving.add(start(model, i));
            }
            assertThat(model.stats().admitted()).isEqualTo(6);
            leaving.forEach(Generation::cancel);
            await(() -> model.stats().admitted() == 1);
            assertThat(staying).isNotDone();
            slow.release();
            isAnswered(staying);
            // A region that was dropped can be asked for again.
            isAnswered(model, 3);
        }
    }

    @Test
    void cancellingOneOfTwoThatWaitForARegionReleasesItsPermitAtOnce() throws Exception {
        try (var model = openSlow()) {
            slow.hold();
            var staying = ask(model, 1);
            slow.begun.await();
            Generation leaving = start(model, 1);
            assertThat(model.stats().admitted()).isEqualTo(2);
            leaving.cancel();
            await(() -> model.stats().admitted() == 1);
            assertThat(leaving.next()).isInstanceOf(GenerationEvent.Cancelled.class);
            assertThat(staying).isNotDone();
            slow.release();
            isAnswered(staying);
        }
    }

    @Test
    void closingAgainIsHarmless() {
        var model = open(UnaryOperator.identity(), UnaryOperator.identity());
        isAnswered(model, 1);
        model.close();
        model.close();
    }

    private static Set<Thread> engines() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(it -> it.getName().equals("engine"))
                .collect(Collectors.toSet());
    }

    @Test
    void theEngineIsClosedEvenIfTheVisionGraphCannotBe() {
        Set<Thread> others = engines();
        var model = open(ClosingFails::new, UnaryOperator.identity());
        isAnswered(model, 1);
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
        var asked = ask(model, 1);
        begun.await();
        CompletableFuture.runAsync(model::close).get(20, TimeUnit.SECONDS);
        assertThat(asked.handle((answer, failure) -> failure != null).get(20, TimeUnit.SECONDS))
                .isTrue();
    }

    /** Loading a large model takes minutes. */
    @Test
    void closingDoesNotWaitForFurtherTriesToOpenTheDecoder() throws Exception {
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
        assertThatThrownBy(() -> isAnswered(model, 1)).isInstanceOf(ModelException.class);
        await(() -> tries.get() == 1);
        model.close();
        assertThat(tries).hasValue(1);
    }

    private record ClosingFails(Encoder real) implements Encoder {
        @Override
        public float[] encode(List<View> views) {
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
    void anErrorWhileAPictureIsPreparedReleasesThePermit() {
        try (var model = openSlow()) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> {
                            try (Reservation ignored = model.reserve(1)) {
                                model.onWorker(() -> {
                                    throw new UnsatisfiedLinkError("planted");
                                });
                            }
                        })
                        .hasRootCauseMessage("planted");
            }
            assertThat(model.stats().admitted()).isZero();
            isAnswered(model, 9);
        }
    }

    @Test
    void aRequestThatComesWhenTheVisionGraphHasBrokenForGoodFails() throws Exception {
        var broken = new CompletableFuture<ModelException>();
        try (var model = openSlow()) {
            model.whenBroken(broken::complete);
            try (Reservation early = model.reserve(1)) {
                Prompt prompt = model.prompt(1, "");
                slow.fail = true;
                assertThatThrownBy(() -> ask(model, 4).get(20, TimeUnit.SECONDS))
                        .hasCauseInstanceOf(ModelException.class);
                broken.get(20, TimeUnit.SECONDS);
                View view = model.view(TestPictures.noise(3))
                        .under(TestPictures.subject(3).mask());
                try (var late = model.encode(ByteBuffer.wrap(new byte[] {3}), List.of(view))) {
                    Generation generation = early.start(prompt, late, REQUEST);
                    assertThatThrownBy(generation::await).isInstanceOf(ModelException.class);
                }
            }
            await(() -> model.stats().admitted() == 0);
            assertThatThrownBy(() -> model.reserve(1)).isInstanceOf(BusyException.class);
        }
    }

    /** Generations that run when the model closes fail; they were not cancelled. */
    @Test
    void closingFailsWhatIsRunning() throws Exception {
        var model = openSlow();
        Generation running =
                model.start(TestPictures.subject(1), REQUEST.limitedTo(400).ignoringEnd());
        running.next();
        model.close();
        assertThatThrownBy(running::await)
                .isInstanceOfSatisfying(
                        BusyException.class, it -> assertThat(it.reason()).isEqualTo(BusyException.Reason.CLOSING));
    }

    @Test
    void closingOnAnInterruptedThreadStillWaitsForTheGraph() throws Exception {
        var model = openSlow();
        slow.hold();
        var asked = ask(model, 1);
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
        // Either answered in time or failed.
        assertThat(asked.handle((answer, failure) -> true).get(20, TimeUnit.SECONDS))
                .isTrue();
    }

    @Test
    void aListenerMayCloseTheBrokenModel() throws Exception {
        var closed = new CountDownLatch(1);
        var model = openSlow();
        model.whenBroken(cause -> {
            model.close();
            closed.countDown();
        });
        slow.fail = true;
        assertThatThrownBy(() -> isAnswered(model, 1)).isInstanceOf(ModelException.class);
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
                public float[] encode(List<View> views) {
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
