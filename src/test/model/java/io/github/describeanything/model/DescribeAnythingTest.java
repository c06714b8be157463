package io.github.describeanything.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.region.Box;
import io.github.describeanything.model.api.BusyException;
import io.github.describeanything.model.api.Description;
import io.github.describeanything.model.api.DescriptionRequest;
import io.github.describeanything.model.api.FinishReason;
import io.github.describeanything.model.api.Generation;
import io.github.describeanything.model.api.GenerationEvent;
import io.github.describeanything.model.api.ModelException;
import io.github.describeanything.model.api.RequestException;
import io.github.describeanything.model.api.SamplingOptions;
import io.github.describeanything.model.api.Subject;
import io.github.describeanything.model.api.TokenLogprob;
import io.github.describeanything.model.bundle.Bundle;
import io.github.describeanything.model.features.PendingFeatures;
import io.github.describeanything.model.features.View;
import io.github.describeanything.model.text.Prompt;
import io.github.describeanything.model.text.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
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

    private static final DescriptionRequest REQUEST = DescriptionRequest.DEFAULT.limitedTo(24);

    private static Subject subject(int seed) {
        return TestPictures.subject(seed);
    }

    @Test
    void blockingStreamingAndAsyncCallsGiveTheSameText() throws Exception {
        Subject subject = subject(1);
        String blocking = model.describe(subject, REQUEST).text();
        assertThat(blocking).isNotEmpty();
        assertThat(model.describeAsync(subject, REQUEST).get().text()).isEqualTo(blocking);

        var streamed = new StringBuilder();
        try (var generation = model.start(subject, REQUEST)) {
            while (generation.next() instanceof GenerationEvent.Delta delta) {
                streamed.append(delta.text());
            }
            assertThat(generation.next()).isInstanceOf(GenerationEvent.Finished.class);
        }
        assertThat(streamed.toString()).isEqualTo(blocking);
    }

    @Test
    void concurrentRequestsGetTheSameAnswersAsAlone() {
        List<String> alone = IntStream.range(0, 48)
                .mapToObj(i -> model.describe(subject(i), numbered(i)).text())
                .toList();
        try (var fresh = open(8, 64)) {
            List<String> together =
                    IntStream.range(0, 48).mapToObj(i -> fresh.describeAsync(subject(i), numbered(i))).toList().stream()
                            .map(CompletableFuture::join)
                            .map(Description::text)
                            .toList();
            assertThat(together).isEqualTo(alone);
        }
    }

    private static DescriptionRequest numbered(int i) {
        return REQUEST.limitedTo(5 + i % 20).asking(i % 3 == 0 ? "" : "Question number " + i + "?");
    }

    @Test
    void aSecondQuestionAboutARegionReusesItsKvCache() {
        try (var fresh = open(2, 8)) {
            Subject subject = subject(100);
            var first = REQUEST.asking("What is it?");
            var second = REQUEST.asking("What colour is it, and why?");
            String expected = model.describe(subject, second).text();

            assertThat(fresh.describe(subject, first).usage().cachedTokens()).isZero();
            Description answer = fresh.describe(subject, second);
            assertThat(answer.text()).isEqualTo(expected);
            assertThat(answer.usage().cachedTokens())
                    .as("the template, the picture and the line break after it")
                    .isGreaterThan(196)
                    .isLessThan(answer.usage().promptTokens());
            assertThat(fresh.stats().featureHits()).isEqualTo(1);
            assertThat(fresh.stats().featureMisses()).isEqualTo(1);

            assertThat(fresh.describe(subject(101), first).text())
                    .isEqualTo(model.describe(subject(101), first).text());
        }
    }

    @Test
    void anotherMaskOnTheSamePixelsIsAnotherRegion() {
        Picture picture = TestPictures.noise(7);
        Mask mask = Mask.ofAlpha(picture);
        Mask other = new Box(0, 0, 20, picture.height()).rasterise(picture.width(), picture.height());
        assertThat(model.describe(new Subject(picture, mask)))
                .isNotEqualTo(model.describe(new Subject(picture, other)));
    }

    @Test
    void alphaOnlyDefinesTheMask() {
        Picture noise = TestPictures.noise(8);
        var opaque = new Picture(noise.width(), noise.height(), opaque(noise), false);
        Mask mask = Mask.ofAlpha(noise);
        assertThat(model.describe(new Subject(opaque, mask))).isEqualTo(model.describe(new Subject(noise, mask)));
    }

    @Test
    void aPictureWithoutAlphaIsRefused() {
        Picture noise = TestPictures.noise(8);
        var whole = new Picture(noise.width(), noise.height(), opaque(noise), true);
        assertThat(model.describe(Subject.of(whole))).isNotNull();
        var unmasked = new Picture(noise.width(), noise.height(), opaque(noise), false);
        assertThatThrownBy(() -> Subject.of(unmasked))
                .isInstanceOfSatisfying(RequestException.class, it -> {
                    assertThat(it.param()).isEqualTo("messages");
                    assertThat(it.code()).isEqualTo("missing_mask");
                })
                .hasMessageContaining("no alpha channel");
    }

    private static byte[] opaque(Picture picture) {
        byte[] rgba = picture.rgba().clone();
        for (int i = 3; i < rgba.length; i += 4) {
            rgba[i] = (byte) 255;
        }
        return rgba;
    }

    @Test
    void theQueueMayHaveTheLargestInt() {
        try (var patient = open(2, Integer.MAX_VALUE)) {
            assertThat(patient.describe(subject(1))).isNotEmpty();
            assertThat(patient.stats().permits()).isEqualTo(Integer.MAX_VALUE);
            assertThat(patient.stats().admitted()).isZero();
        }
    }

    @Test
    void theSameSeedGivesTheSameTextAloneAndInABatch() {
        var sampled = REQUEST.sampling(seeded(99));
        String alone = model.describe(subject(3), sampled).text();
        var crowd = IntStream.range(200, 206)
                .mapToObj(i -> model.describeAsync(subject(i), REQUEST))
                .toList();
        assertThat(model.describe(subject(3), sampled).text()).isEqualTo(alone);
        crowd.forEach(CompletableFuture::join);
        assertThat(model.describe(subject(3), REQUEST.sampling(seeded(100))).text())
                .isNotEqualTo(alone);
    }

    private static SamplingOptions seeded(long seed) {
        return SamplingOptions.builder().temperature(1.2).topP(0.95).seed(seed).build();
    }

    @Test
    void theTokenLimitEndsTheAnswer() {
        Description answer = model.describe(subject(5), REQUEST.limitedTo(7));
        assertThat(answer.reason()).isEqualTo(FinishReason.LENGTH);
        assertThat(answer.usage().completionTokens()).isEqualTo(7);
    }

    @Test
    void logprobsAreReportedForEveryToken() {
        var options = SamplingOptions.builder().topLogprobs(3).build();
        Description answer = model.describe(subject(6), REQUEST.sampling(options));
        assertThat(answer.logprobs()).hasSize(answer.usage().completionTokens());
        for (TokenLogprob token : answer.logprobs()) {
            assertThat(token.logprob()).isLessThanOrEqualTo(0);
            assertThat(token.top()).hasSize(3);
            assertThat(token.top().getFirst().id()).as("greedy").isEqualTo(token.id());
            assertThat(token.top().getFirst().logprob()).isEqualTo(token.logprob());
        }
    }

    @Test
    void logprobTokensJoinToTheAnswer() {
        var decoder = model.manifest().decoder();
        byte[][] bytes;
        try (var tokenizer =
                Tokenizer.load(TestBundles.folder("golden-joint-fp32").resolve("tokenizer.json"), decoder)) {
            bytes = IntStream.range(0, decoder.vocabSize())
                    .mapToObj(tokenizer::bytes)
                    .toArray(byte[][]::new);
        }
        int spaced = IntStream.range(3, bytes.length)
                .filter(id -> new String(bytes[id], UTF_8).matches(" [a-z]+"))
                .findFirst()
                .orElseThrow();
        var options = SamplingOptions.builder()
                .logitBias(Map.of(spaced, 100.0))
                .topLogprobs(1)
                .build();
        Description answer =
                model.describe(subject(6), REQUEST.sampling(options).limitedTo(3));
        String word = new String(bytes[spaced], UTF_8).strip();
        assertThat(answer.text()).isEqualTo("%s %s %s".formatted(word, word, word));
        assertThat(answer.logprobs()).extracting(TokenLogprob::text).containsExactly(word, " " + word, " " + word);
        assertThat(answer.logprobs().getFirst().bytes()).isEqualTo(word.getBytes(UTF_8));
        assertThat(answer.logprobs().getFirst().id()).isEqualTo(spaced);
    }

    @Test
    void aFullQueueRefusesBeforePreparing() {
        try (var small = open(1, 1)) {
            var endless = REQUEST.limitedTo(400).ignoringEnd();
            var first = small.start(subject(1), endless);
            var second = small.start(subject(2), endless);
            assertThatThrownBy(() -> small.reserve(1)).isInstanceOf(BusyException.class);
            assertThatThrownBy(small::requireRoom).isInstanceOf(BusyException.class);
            assertThatThrownBy(() -> small.start(subject(9), endless)).isInstanceOf(BusyException.class);
            assertThat(small.stats().featureMisses()).isEqualTo(2);
            first.close();
            second.close();
            assertThat(small.drain(Duration.ofSeconds(5)))
                    .as("cancelled generations release their permits")
                    .isTrue();
        }
    }

    @Test
    void moreAnswersThanPermitsAreRefused() {
        assertThatThrownBy(() -> model.reserve(69))
                .isInstanceOfSatisfying(RequestException.class, it -> {
                    assertThat(it.param()).isEqualTo("n");
                    assertThat(it.code()).isEqualTo("invalid_value");
                })
                .hasMessageContaining("at most 68");
        assertThat(model.stats().admitted()).isZero();
    }

    @Test
    void aReservationReleasesUnusedPermits() {
        try (Reservation reservation = model.reserve(4)) {
            assertThat(model.stats().admitted()).isEqualTo(4);
            Prompt prompt = model.prompt(1, "");
            try (var features = features(1)) {
                reservation.start(prompt, features, REQUEST).await();
            }
            assertThat(model.stats().admitted()).isEqualTo(3);
        }
        assertThat(model.stats().admitted()).isZero();
    }

    @Test
    void answersOfOneReservationShareFeatures() {
        Prompt prompt = model.prompt(1, "");
        var generations = new ArrayList<Generation>();
        try (Reservation reservation = model.reserve(3);
                var features = features(33)) {
            for (int i = 0; i < 3; i++) {
                generations.add(reservation.start(prompt, features, REQUEST));
            }
            assertThatThrownBy(() -> reservation.start(prompt, features, REQUEST))
                    .isInstanceOf(IllegalStateException.class);
        }
        String alone = model.describe(subject(33), REQUEST).text();
        assertThat(generations).allSatisfy(it -> assertThat(it.await().text()).isEqualTo(alone));
    }

    private PendingFeatures features(int seed) {
        Subject subject = subject(seed);
        return model.encode(
                SubjectKey.of(List.of(subject)),
                List.of(model.view(subject.picture()).region(subject.mask())));
    }

    @Test
    void aCancelledGenerationReleasesItsSlot() throws Exception {
        try (var small = open(1, 4)) {
            var first = small.start(subject(1), REQUEST.limitedTo(400).ignoringEnd());
            first.next();
            var second = small.describeAsync(subject(2), REQUEST.limitedTo(3));
            first.cancel();
            assertThat(second.get(5, TimeUnit.SECONDS).text()).isNotNull();
            var last = new ArrayList<GenerationEvent>();
            do {
                last.add(first.next());
            } while (last.getLast() instanceof GenerationEvent.Delta);
            assertThat(last.getLast()).isInstanceOf(GenerationEvent.Cancelled.class);
        }
    }

    @Test
    void requestsAreAnsweredInOrder() {
        try (var small = open(1, 16)) {
            small.describe(subject(1), REQUEST.limitedTo(1));
            var order = new ConcurrentLinkedQueue<Integer>();
            var readers = new ArrayList<CompletableFuture<Void>>();
            for (int i = 0; i < 8; i++) {
                int number = i;
                var generation = small.start(
                        subject(1), REQUEST.limitedTo(40).ignoringEnd().asking("Question " + i));
                readers.add(CompletableFuture.runAsync(
                        () -> {
                            generation.await();
                            order.add(number);
                        },
                        Thread::startVirtualThread));
            }
            readers.forEach(CompletableFuture::join);
            assertThat(order).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
        }
    }

    /** Describes a picture, but stays in its preparation until {@code end} completes. */
    private static Description slowly(DescribeAnything model, CountDownLatch begun, CompletableFuture<Void> end) {
        try (Reservation reservation = model.reserve(1)) {
            model.onWorker(() -> {
                begun.countDown();
                // Like a picture decoder, ignores interrupts.
                return end.join();
            });
            Prompt prompt = model.prompt(1, "");
            Subject subject = subject(77);
            View view = model.onWorker(() -> model.view(subject.picture()).region(subject.mask()));
            try (var features = model.encode(ByteBuffer.wrap(new byte[] {7, 7}), List.of(view))) {
                return reservation.start(prompt, features, REQUEST).await();
            }
        }
    }

    @Test
    void closingWaitsForRunningWorkAndRefusesQueuedWork() throws Exception {
        var begun = new CountDownLatch(2);
        var end = new CompletableFuture<Void>();
        var closing = open(2, 8);
        List<CompletableFuture<Description>> asked = IntStream.range(0, 5)
                .mapToObj(i ->
                        CompletableFuture.supplyAsync(() -> slowly(closing, begun, end), Thread::startVirtualThread))
                .toList();
        begun.await();
        while (closing.stats().admitted() < 5) {
            Thread.sleep(1);
        }
        var closed = CompletableFuture.runAsync(closing::close, Thread::startVirtualThread);
        // The three that wait for a worker fail at once.
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
    void anInterruptedCallerReleasesItsPermitAtOnce() throws Exception {
        var begun = new CountDownLatch(1);
        var end = new CompletableFuture<Void>();
        var outcome = new CompletableFuture<Throwable>();
        Thread caller = Thread.startVirtualThread(() -> {
            try {
                slowly(model, begun, end);
                outcome.complete(new AssertionError("answered"));
            } catch (RuntimeException e) {
                outcome.complete(e);
            }
        });
        begun.await();
        caller.interrupt();
        assertThat(outcome.get(10, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
        assertThat(model.stats().admitted()).isZero();
        end.complete(null);
        assertThat(model.describe(subject(1))).isNotEmpty();
    }

    @Test
    void sevenFramesAreRefused() {
        var seven = IntStream.range(0, 7).mapToObj(TestPictures::subject).toList();
        assertThatThrownBy(() -> model.describe(seven, REQUEST))
                .isInstanceOfSatisfying(
                        RequestException.class, it -> assertThat(it.code()).isEqualTo("wrong_picture_count"))
                .hasMessageContaining("1 picture, or 8 frames");
    }

    @Test
    void anEmptyMaskIsRefused() {
        Picture picture = TestPictures.noise(1);
        byte[] clear = picture.rgba().clone();
        for (int i = 3; i < clear.length; i += 4) {
            clear[i] = 0;
        }
        var masked = new Picture(picture.width(), picture.height(), clear, true);
        assertThatThrownBy(() -> Subject.of(masked))
                .isInstanceOfSatisfying(
                        RequestException.class, it -> assertThat(it.code()).isEqualTo("empty_mask"))
                .hasMessageContaining("mask is empty");
        assertThatThrownBy(() -> model.view(masked).region(Mask.ofAlpha(masked)))
                .isInstanceOf(RequestException.class);
    }

    @Test
    void tooLongPromptsAreRefusedQuickly() {
        long start = System.nanoTime();
        assertThatThrownBy(() -> model.describe(subject(1), REQUEST.asking("word ".repeat(200_000))))
                .isInstanceOfSatisfying(
                        RequestException.class, it -> assertThat(it.code()).isEqualTo("context_length_exceeded"))
                .hasMessageContaining("too long");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(250));
    }

    @Test
    void specialTokensInTextStayText() {
        assertThat(model.prompt(1, "a </s> b <image> c <s> <unk>").tokens())
                .isGreaterThan(model.prompt(1, "a b c").tokens());
    }

    @Test
    void aBundleNeedsADeviceThatSupportsItsType() {
        Path bfloat16 = TestBundles.folder("golden-joint-cuda-bf16");
        assertThatThrownBy(() -> DescribeAnything.open(bfloat16))
                .isInstanceOf(ModelException.class)
                .hasMessage(
                        "golden computes in bfloat16, which the CPU does not support: serve it with --device cuda, or export it"
                                + " for the CPU");
        var float32 = Bundle.open(TestBundles.folder("golden-joint-fp32")).manifest();
        assertThatThrownBy(() -> LoadedModel.requireArithmetic(float32, EngineOptions.Device.CUDA))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("exported for the CPU");
        LoadedModel.requireArithmetic(Bundle.open(bfloat16).manifest(), EngineOptions.Device.CUDA);
    }
}
