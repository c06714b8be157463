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

/**
 * Cancelling, closing and failing: every caller gets a result, every permit is released, and nothing is closed during a
 * run.
 */
class CancelAndCloseTest {
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
    void cancellingAQueuedRegionReleasesItsPermitAtOnce() throws Exception {
        try (var model = openSlow()) {
            slow.hold();
            var running = ask(model, 1);
            slow.begun.await();
            var cancelled = new ArrayList<Generation>();
            for (int i = 2; i < 7; i++) {
                cancelled.add(start(model, i));
            }
            assertThat(model.stats().admitted()).isEqualTo(6);
            cancelled.forEach(Generation::cancel);
            await(() -> model.stats().admitted() == 1);
            assertThat(running).isNotDone();
            slow.release();
            isAnswered(running);
            // A dropped region can be requested again.
            isAnswered(model, 3);
        }
    }

    @Test
    void cancellingOneOfTwoRequestsForARegionReleasesItsPermitAtOnce() throws Exception {
        try (var model = openSlow()) {
            slow.hold();
            var running = ask(model, 1);
            slow.begun.await();
            Generation cancelled = start(model, 1);
            assertThat(model.stats().admitted()).isEqualTo(2);
            cancelled.cancel();
            await(() -> model.stats().admitted() == 1);
            assertThat(cancelled.next()).isInstanceOf(GenerationEvent.Cancelled.class);
            assertThat(running).isNotDone();
            slow.release();
            isAnswered(running);
        }
    }

    @Test
    void closingTwiceIsHarmless() {
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
    void theEngineIsClosedEvenIfClosingTheVisionGraphFails() {
        Set<Thread> others = engines();
        var model = open(ClosingFails::new, UnaryOperator.identity());
        isAnswered(model, 1);
        assertThatThrownBy(model::close).hasMessage("injected");
        assertThat(others).containsAll(engines());
    }

    /** The decoder blocks until it is terminated, like a very long run. */
    @Test
    void closingAbortsADecoderRun() throws Exception {
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

    /** Reopening a large model takes minutes. */
    @Test
    void closingDoesNotWaitForMoreAttemptsToReopenTheDecoder() throws Exception {
        var tries = new AtomicInteger();
        var model = open(UnaryOperator.identity(), real -> (Decoder) Proxy.newProxyInstance(
                Decoder.class.getClassLoader(), new Class<?>[] {Decoder.class}, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "prefill" -> throw new OnnxException("injected");
                        case "reopen" -> {
                            tries.incrementAndGet();
                            throw new OnnxException("injected again");
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
            throw new OnnxException("injected");
        }
    }

    @Test
    void anErrorDuringPreparationReleasesThePermit() {
        try (var model = openSlow()) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> {
                            try (Reservation ignored = model.reserve(1)) {
                                model.onWorker(() -> {
                                    throw new UnsatisfiedLinkError("injected");
                                });
                            }
                        })
                        .hasRootCauseMessage("injected");
            }
            assertThat(model.stats().admitted()).isZero();
            isAnswered(model, 9);
        }
    }

    @Test
    void requestsFailOnceTheVisionGraphIsBroken() throws Exception {
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
                        .region(TestPictures.subject(3).mask());
                try (var late = model.encode(ByteBuffer.wrap(new byte[] {3}), List.of(view))) {
                    Generation generation = early.start(prompt, late, REQUEST);
                    assertThatThrownBy(generation::await).isInstanceOf(ModelException.class);
                }
            }
            await(() -> model.stats().admitted() == 0);
            assertThatThrownBy(() -> model.reserve(1)).isInstanceOf(BusyException.class);
        }
    }

    /** Generations that run when the model closes fail; they do not end as cancelled. */
    @Test
    void closingFailsRunningGenerations() throws Exception {
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
    void closingOnAnInterruptedThreadStillWaitsForTheRun() throws Exception {
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
        // It was answered or it failed.
        assertThat(asked.handle((answer, failure) -> true).get(20, TimeUnit.SECONDS))
                .isTrue();
    }

    @Test
    void theListenerMayCloseABrokenModel() throws Exception {
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
    void failingToOpenAModelLeavesNoThreads() throws Exception {
        long before = visionThreads();
        assertThatThrownBy(() -> open(slow::over, real -> {
                    real.close();
                    throw new OnnxException("injected");
                }))
                .hasMessage("injected");
        assertThat(slow.closed).isTrue();
        await(() -> visionThreads() <= before);
    }

    private static long visionThreads() {
        return Stream.of(Thread.getAllStackTraces().keySet().toArray(Thread[]::new))
                .filter(it -> it.getName().equals("vision"))
                .count();
    }

    /** An encoder that a test can block or break. */
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
                    // Like native code, it ignores interrupts.
                    gate.join();
                    if (fail) {
                        throw new OnnxException("injected");
                    }
                    float[] features = real.encode(views);
                    running = false;
                    return features;
                }

                @Override
                public void reopen() {
                    throw new OnnxException("injected for good");
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
