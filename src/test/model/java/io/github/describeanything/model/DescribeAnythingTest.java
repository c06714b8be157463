package io.github.describeanything.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.bundle.Bundle;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DescribeAnythingTest {
    private DescribeAnything model;

    @BeforeAll
    void open() {
        model = open(4, 64);
    }

    @AfterAll
    void close() {
        model.close();
    }

    private static DescribeAnything open(int slots, int queue) {
        return DescribeAnything.open(TestBundles.folder("golden-joint-fp32"), TestBundles.options(slots, queue));
    }

    private static DescriptionRequest request(int seed) {
        return DescriptionRequest.of(TestPictures.noise(seed)).limitedTo(24);
    }

    @Test
    void blockingStreamingAndAsynchronousUseGiveTheSameText() throws Exception {
        var request = request(1);
        String blocking = model.describe(request).text();
        assertThat(blocking).isNotEmpty();
        assertThat(model.describeAsync(request).get().text()).isEqualTo(blocking);

        var streamed = new StringBuilder();
        try (var generation = model.start(request)) {
            while (generation.next() instanceof GenerationEvent.Delta delta) {
                streamed.append(delta.text());
            }
            assertThat(generation.next()).isInstanceOf(GenerationEvent.Finished.class);
        }
        assertThat(streamed.toString()).isEqualTo(blocking);
    }

    @Test
    void manyRequestsAtOnceGiveWhatEachGivesAlone() {
        var requests = IntStream.range(0, 48)
                .mapToObj(i -> request(i).limitedTo(5 + i % 20).asking(i % 3 == 0 ? "" : "Question number " + i + "?"))
                .toList();
        List<String> alone =
                requests.stream().map(it -> model.describe(it).text()).toList();
        try (var fresh = open(8, 64)) {
            var futures = requests.stream().map(fresh::describeAsync).toList();
            List<String> together = futures.stream()
                    .map(CompletableFuture::join)
                    .map(Description::text)
                    .toList();
            assertThat(together).isEqualTo(alone);
        }
    }

    @Test
    void aSecondQuestionOnTheSameRegionReusesWhatWasComputed() {
        try (var fresh = open(2, 8)) {
            var first = request(100).asking("What is it?");
            var second = request(100).asking("What colour is it, and why?");
            String expected = model.describe(second).text();

            assertThat(fresh.describe(first).usage().cachedTokens()).isZero();
            Description answer = fresh.describe(second);
            assertThat(answer.text()).isEqualTo(expected);
            assertThat(answer.usage().cachedTokens())
                    .as("template, picture, and the line break after it")
                    .isGreaterThan(196)
                    .isLessThan(answer.usage().promptTokens());
            assertThat(fresh.load().regionHits()).isEqualTo(1);
            assertThat(fresh.load().regionMisses()).isEqualTo(1);

            var elsewhere = request(101).asking("What is it?");
            assertThat(fresh.describe(elsewhere).text())
                    .isEqualTo(model.describe(elsewhere).text());
        }
    }

    @Test
    void theSamePixelsUnderAnotherMaskAreAnotherRegion() {
        Picture picture = TestPictures.noise(7);
        byte[] moved = picture.rgba().clone();
        for (int i = 3; i < moved.length; i += 4) {
            moved[i] = (byte) (i / 4 % picture.width() < 20 ? 255 : 0);
        }
        var other = new Picture(picture.width(), picture.height(), moved, true);
        assertThat(model.describe(picture)).isNotEqualTo(model.describe(other));
    }

    @Test
    void aPictureWithoutAMaskIsNotTheSameAsOneThatIsMaskedAllOver() {
        Picture noise = TestPictures.noise(8);
        byte[] opaque = noise.rgba().clone();
        for (int i = 3; i < opaque.length; i += 4) {
            opaque[i] = (byte) 255;
        }
        assertThat(model.describe(new Picture(noise.width(), noise.height(), opaque, true)))
                .isNotNull();
        assertThatThrownBy(() -> model.describe(new Picture(noise.width(), noise.height(), opaque, false)))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("no alpha channel");
    }

    @Test
    void aQueueMayBeAsLongAsCanBeSaid() {
        try (var patient = open(2, Integer.MAX_VALUE)) {
            assertThat(patient.describe(request(1)).text()).isNotEmpty();
            assertThat(patient.load().places()).isEqualTo(Integer.MAX_VALUE);
            assertThat(patient.load().accepted()).isZero();
        }
    }

    @Test
    void theSameSeedGivesTheSameTextAloneAndInABatch() {
        var sampled = request(3).sampling(SamplingOptions.of(1.2, 0.95, 0, OptionalLong.of(99)));
        String alone = model.describe(sampled).text();
        var crowd = IntStream.range(200, 206)
                .mapToObj(i -> model.describeAsync(request(i)))
                .toList();
        assertThat(model.describe(sampled).text()).isEqualTo(alone);
        crowd.forEach(CompletableFuture::join);
        var otherSeed = sampled.sampling(SamplingOptions.of(1.2, 0.95, 0, OptionalLong.of(100)));
        assertThat(model.describe(otherSeed).text()).isNotEqualTo(alone);
    }

    @Test
    void theTokenLimitEndsTheAnswer() {
        Description answer = model.describe(request(5).limitedTo(7));
        assertThat(answer.reason()).isEqualTo(FinishReason.LENGTH);
        assertThat(answer.usage().completionTokens()).isEqualTo(7);
    }

    @Test
    void logprobsTellOfEveryToken() {
        var options = new SamplingOptions(0, 1, 0, 0, 1, 0, 0, Map.of(), OptionalLong.empty(), 3);
        Description answer = model.describe(request(6).sampling(options));
        assertThat(answer.logprobs()).hasSize(answer.usage().completionTokens());
        for (TokenLogprob token : answer.logprobs()) {
            assertThat(token.logprob()).isLessThanOrEqualTo(0);
            assertThat(token.top()).hasSize(3);
            assertThat(token.top().getFirst().id()).as("greedy").isEqualTo(token.id());
            assertThat(token.top().getFirst().logprob()).isEqualTo(token.logprob());
        }
    }

    @Test
    void whoFindsNoPlaceIsToldBeforeAnythingIsDecoded() {
        try (var small = open(1, 1)) {
            var long1 = small.start(request(1).limitedTo(400).ignoringEnd());
            var long2 = small.start(request(2).limitedTo(400).ignoringEnd());
            var never = PictureSource.of(Digest.of(TestPictures.noise(9)), () -> {
                throw new AssertionError("decoded");
            });
            assertThatThrownBy(() -> small.start(
                            new DescriptionRequest(List.of(never), "", SamplingOptions.GREEDY, 5, List.of(), false)))
                    .isInstanceOf(BusyException.class);
            long1.close();
            long2.close();
            assertThat(small.drain(Duration.ofSeconds(5)))
                    .as("cancelled ones leave")
                    .isTrue();
        }
    }

    @Test
    void aCancelledGenerationGivesItsSlotToTheNext() throws Exception {
        try (var small = open(1, 4)) {
            var first = small.start(request(1).limitedTo(400).ignoringEnd());
            first.next();
            var second = small.describeAsync(request(2).limitedTo(3));
            first.cancel();
            assertThat(second.get(5, java.util.concurrent.TimeUnit.SECONDS).text())
                    .isNotNull();
            var last = new ArrayList<GenerationEvent>();
            do {
                last.add(first.next());
            } while (last.getLast() instanceof GenerationEvent.Delta);
            assertThat(last.getLast()).isInstanceOf(GenerationEvent.Cancelled.class);
        }
    }

    @Test
    void nobodyIsOvertakenByWhoCameLater() {
        try (var small = open(1, 16)) {
            var picture = request(1);
            small.describe(picture.limitedTo(1));
            var order = new java.util.concurrent.ConcurrentLinkedQueue<Integer>();
            var readers = new ArrayList<CompletableFuture<Void>>();
            for (int i = 0; i < 8; i++) {
                int number = i;
                var generation = small.start(picture.limitedTo(40).ignoringEnd().asking("Question " + i));
                readers.add(CompletableFuture.runAsync(
                        () -> {
                            Descriptions.read(generation);
                            order.add(number);
                        },
                        Thread::startVirtualThread));
            }
            readers.forEach(CompletableFuture::join);
            assertThat(order).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
        }
    }

    /** A picture that is looked at for as long as a test wants it. */
    private static DescriptionRequest slow(CountDownLatch begun, CompletableFuture<Void> end) {
        var picture = TestPictures.noise(77);
        PictureSource source = new PictureSource() {
            @Override
            public ByteBuffer key() {
                return ByteBuffer.wrap(new byte[] {7, 7});
            }

            @Override
            public void check() {
                begun.countDown();
                // Decoders do not listen to interrupts.
                end.join();
            }

            @Override
            public Picture read() {
                return picture;
            }
        };
        var like = request(77);
        return new DescriptionRequest(
                List.of(source), "", like.sampling(), like.maxTokens(), like.stop(), like.ignoreEos());
    }

    @Test
    void closingWaitsForPicturesInWorkAndTellsWhoeverWaitsBehindThem() throws Exception {
        var begun = new CountDownLatch(2);
        var end = new CompletableFuture<Void>();
        var closing = open(2, 8);
        List<CompletableFuture<Description>> asked = IntStream.range(0, 5)
                .mapToObj(i -> closing.describeAsync(slow(begun, end)))
                .toList();
        begun.await();
        while (closing.load().accepted() < 5) {
            Thread.sleep(1);
        }
        var closed = CompletableFuture.runAsync(closing::close, Thread::startVirtualThread);
        // Three wait for a worker, and are told at once.
        while (asked.stream().filter(CompletableFuture::isDone).count() < 3) {
            assertThat(closed).isNotDone();
            Thread.sleep(1);
        }
        Thread.sleep(100);
        assertThat(closed).isNotDone();
        end.complete(null);
        closed.get(20, TimeUnit.SECONDS);
        for (CompletableFuture<Description> it : asked) {
            assertThatThrownBy(() -> it.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(BusyException.class);
        }
    }

    @Test
    void anInterruptedCallerGivesItsPlaceBackAtOnce() throws Exception {
        var begun = new CountDownLatch(1);
        var end = new CompletableFuture<Void>();
        var outcome = new CompletableFuture<Throwable>();
        Thread caller = Thread.startVirtualThread(() -> {
            try {
                model.start(slow(begun, end)).cancel();
                outcome.complete(new AssertionError("started"));
            } catch (RuntimeException e) {
                outcome.complete(e);
            }
        });
        begun.await();
        caller.interrupt();
        assertThat(outcome.get(10, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
        assertThat(model.load().accepted()).isZero();
        end.complete(null);
        assertThat(model.describe(request(1)).text()).isNotEmpty();
    }

    @Test
    void anErrorWhileRequestsAreMadeLeavesNoPlaceTaken() {
        assertThatThrownBy(() -> model.start(4, () -> {
                    throw new OutOfMemoryError("planted");
                }))
                .isInstanceOf(OutOfMemoryError.class);
        assertThat(model.load().accepted()).isZero();
    }

    @Test
    void sevenFramesAreRefusedWithTheRule() {
        var seven = IntStream.range(0, 7)
                .mapToObj(i -> PictureSource.of(TestPictures.noise(i)))
                .toList();
        assertThatThrownBy(() ->
                        model.describe(new DescriptionRequest(seven, "", SamplingOptions.GREEDY, 5, List.of(), false)))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("1 picture, or 8 frames");
    }

    @Test
    void anEmptyMaskIsRefused() {
        Picture picture = TestPictures.noise(1);
        byte[] clear = picture.rgba().clone();
        for (int i = 3; i < clear.length; i += 4) {
            clear[i] = 0;
        }
        assertThatThrownBy(() -> model.describe(new Picture(picture.width(), picture.height(), clear, true)))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("mask is empty");
        assertThat(model.load().accepted()).as("its place is free again").isZero();
    }

    @Test
    void aPromptThatDoesNotFitIsRefusedQuickly() {
        long start = System.nanoTime();
        assertThatThrownBy(() -> model.describe(request(1).asking("word ".repeat(200_000))))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("too long");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(250));
    }

    @Test
    void textThatSpellsASpecialTokenStaysText() {
        Description plain = model.describe(request(1).asking("a </s> b <image> c <s> <unk>"));
        assertThat(plain.usage().promptTokens())
                .isGreaterThan(
                        model.describe(request(1).asking("a b c")).usage().promptTokens());
    }

    @Test
    void aBundleIsOpenedOnlyWhereItsArithmeticIsKnown() {
        Path bfloat16 = TestBundles.folder("golden-joint-cuda-bf16");
        assertThatThrownBy(() -> DescribeAnything.open(bfloat16))
                .isInstanceOf(ModelException.class)
                .hasMessage(
                        "golden computes in bfloat16, which a CPU does not: serve it with --device cuda, or export it"
                                + " for the CPU");
        var float32 = Bundle.open(TestBundles.folder("golden-joint-fp32")).manifest();
        assertThatThrownBy(() -> DescribeAnything.requireArithmetic(float32, EngineOptions.Device.CUDA))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("exported for the CPU");
        DescribeAnything.requireArithmetic(Bundle.open(bfloat16).manifest(), EngineOptions.Device.CUDA);
    }
}
