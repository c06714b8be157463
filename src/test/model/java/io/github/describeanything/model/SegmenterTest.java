package io.github.describeanything.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.api.BusyException;
import io.github.describeanything.model.api.ModelException;
import io.github.describeanything.model.api.RequestException;
import io.github.describeanything.model.bundle.BundleException;
import io.github.describeanything.model.features.Encoder;
import io.github.describeanything.model.features.View;
import io.github.describeanything.model.onnx.OnnxException;
import io.github.describeanything.model.segment.EmbeddedPicture;
import io.github.describeanything.model.segment.MaskCandidate;
import io.github.describeanything.model.segment.SegmentPrompt;
import io.github.describeanything.model.segment.Segmentation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SegmenterTest {
    private static final int EMBEDDING_BYTES = 4 * (16 * 64 * 64 + 32 * 32 * 32 + 128 * 16 * 16);

    /** An encoder that can be made to wait, or to fail a number of times. */
    private static final class Gate implements Encoder {
        private final Encoder next;
        private volatile CountDownLatch open = new CountDownLatch(0);
        private volatile int failures;

        Gate(Encoder next) {
            this.next = next;
        }

        @Override
        public float[] encode(List<View> views) {
            try {
                open.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            if (failures > 0) {
                failures--;
                throw new OnnxException("planted");
            }
            return next.encode(views);
        }

        @Override
        public void reopen() {
            next.reopen();
        }

        @Override
        public void close() {
            next.close();
        }
    }

    private Optional<Gate> gate = Optional.empty();

    private Segmenter open(String bundle, EngineOptions options) {
        return Segmenter.open(TestBundles.folder(bundle), options, it -> {
            gate = Optional.of(new Gate(it));
            return gate.get();
        });
    }

    private Segmenter open() {
        return open("sam-golden", options(64 << 20, 8));
    }

    private static EngineOptions options(long cache, int queue) {
        return EngineOptions.builder()
                .threads(2)
                .workers(2)
                .featureCache(cache)
                .queue(queue)
                .build();
    }

    private static void until(BooleanSupplier holds) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static ByteBuffer key(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void itsThreadsGiveWayToRunningAnswers() {
        int lowered = Math.min(19, ThreadPriority.current() + 10);
        try (var segmenter = open()) {
            segmenter.segment(TestPictures.noise(1), SegmentPrompt.inside(10, 20));
            assertThat(segmenter.onWorker(ThreadPriority::current)).isEqualTo(lowered);
            // The lane and the workers; sessions start their threads on a thread with this name, which they inherit.
            for (String name : List.of("segmenter", "background-")) {
                assertThat(ThreadPriority.named(name).values())
                        .as(name)
                        .isNotEmpty()
                        .allMatch(it -> it == lowered);
            }
        }
    }

    @Test
    void promptsOnOnePictureShareItsEmbedding() {
        try (var segmenter = open()) {
            Picture picture = TestPictures.noise(1);
            Segmentation first = segmenter.segment(picture, SegmentPrompt.inside(10, 20));
            Segmentation box = segmenter.segment(picture, SegmentPrompt.box(5, 5, 40, 40));
            assertThat(segmenter
                            .segment(picture, SegmentPrompt.inside(10, 20))
                            .best()
                            .mask())
                    .isEqualTo(first.best().mask());
            assertThat(box.best().mask()).isNotEqualTo(first.best().mask());
            assertThat(segmenter.stats().embeddings()).isEqualTo(1);
            assertThat(segmenter.stats().hits()).isEqualTo(2);
            segmenter.segment(TestPictures.noise(2), SegmentPrompt.inside(10, 20));
            assertThat(segmenter.stats().embeddings()).isEqualTo(2);
        }
    }

    @Test
    void candidatesAreOrderedByTheirScore() {
        try (var segmenter = open()) {
            Segmentation found = segmenter.segment(
                    TestPictures.noise(1), SegmentPrompt.inside(30, 30).and(2, 2, false));
            assertThat(found.candidates())
                    .hasSize(3)
                    .isSortedAccordingTo((a, b) -> Float.compare(b.score(), a.score()));
            assertThat(found.candidates()).extracting(MaskCandidate::score).allMatch(it -> it >= 0 && it <= 1);
            try (EmbeddedPicture picture = segmenter.embed(key("a"), TestPictures.noise(1))) {
                Segmentation one =
                        segmenter.segment(picture, SegmentPrompt.inside(30, 30).and(2, 2, false), 1);
                assertThat(one.candidates()).hasSize(1);
                assertThat(one.best().mask()).isEqualTo(found.best().mask());
            }
        }
    }

    @Test
    void whatIsBeingEmbeddedIsNotEmbeddedTwice() {
        try (var segmenter = open()) {
            gate.orElseThrow().open = new CountDownLatch(1);
            Picture picture = TestPictures.noise(3);
            var masks = IntStream.range(0, 6)
                    .mapToObj(i -> CompletableFuture.supplyAsync(
                            () -> segmenter
                                    .segment(picture, SegmentPrompt.inside(10, 10))
                                    .best()
                                    .mask(),
                            Thread::startVirtualThread))
                    .toList();
            until(() -> segmenter.stats().hits() + segmenter.stats().misses() == 6);
            gate.orElseThrow().open.countDown();
            assertThat(masks.stream().map(CompletableFuture::join).distinct()).hasSize(1);
            assertThat(segmenter.stats().embeddings()).isEqualTo(1);
            assertThat(segmenter.stats().underWay()).isZero();
        }
    }

    @Test
    void theCacheIsBoundedInBytes() {
        try (var segmenter = open("sam-golden", options(2 * EMBEDDING_BYTES, 8))) {
            for (int i = 0; i < 3; i++) {
                segmenter.embed(key("picture " + i), TestPictures.noise(i)).close();
                segmenter.segment(TestPictures.noise(i), SegmentPrompt.inside(1, 1));
            }
            for (int i = 0; i < 2; i++) {
                segmenter.segment(TestPictures.noise(2), SegmentPrompt.inside(1, 1));
            }
            long before = segmenter.stats().embeddings();
            segmenter.segment(TestPictures.noise(0), SegmentPrompt.inside(1, 1));
            assertThat(segmenter.stats().embeddings()).isEqualTo(before + 1);
        }
    }

    @Test
    void aKnownPictureIsFoundByItsKeyWithoutItsPixels() {
        try (var segmenter = open()) {
            assertThat(segmenter.find(key("a"))).isEmpty();
            Picture picture = TestPictures.noise(4);
            Mask expected;
            try (EmbeddedPicture embedded = segmenter.embed(key("a"), picture)) {
                expected = segmenter
                        .segment(embedded, SegmentPrompt.inside(9, 9), 1)
                        .best()
                        .mask();
            }
            try (EmbeddedPicture found = segmenter.find(key("a")).orElseThrow()) {
                assertThat(found.width()).isEqualTo(picture.width());
                assertThat(found.height()).isEqualTo(picture.height());
                assertThat(segmenter
                                .segment(found, SegmentPrompt.inside(9, 9), 1)
                                .best()
                                .mask())
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void aFullQueueIsRefusedAtOnce() {
        try (var segmenter = open("sam-golden", options(1 << 20, 1));
                EmbeddedPicture first = segmenter.embed(key("a"), TestPictures.noise(1));
                EmbeddedPicture second = segmenter.embed(key("b"), TestPictures.noise(2))) {
            assertThat(first.width()).isNotZero();
            assertThatThrownBy(segmenter::requireRoom).isInstanceOf(BusyException.class);
            assertThatThrownBy(() -> segmenter.embed(key("c"), TestPictures.noise(3)))
                    .isInstanceOf(BusyException.class);
            second.close();
            segmenter.embed(key("c"), TestPictures.noise(3)).close();
        }
    }

    @Test
    void aFailedEncoderIsOpenedAgainAndServesTheNext() {
        try (var segmenter = open()) {
            Picture picture = TestPictures.noise(5);
            gate.orElseThrow().failures = 1;
            assertThatThrownBy(() -> segmenter.segment(picture, SegmentPrompt.inside(1, 1)))
                    .isInstanceOf(ModelException.class);
            assertThat(segmenter.segment(picture, SegmentPrompt.inside(1, 1)).candidates())
                    .hasSize(3);
            assertThat(segmenter.stats().underWay()).isZero();
        }
    }

    @Test
    void anInterruptedCallerGivesItsPlaceUp() throws InterruptedException {
        try (var segmenter = open()) {
            gate.orElseThrow().open = new CountDownLatch(1);
            var failure = new CompletableFuture<Throwable>();
            Thread caller = Thread.startVirtualThread(() -> {
                try {
                    segmenter.segment(TestPictures.noise(6), SegmentPrompt.inside(1, 1));
                } catch (RuntimeException e) {
                    failure.complete(e);
                }
            });
            until(() -> segmenter.stats().misses() == 1);
            caller.interrupt();
            caller.join();
            assertThat(failure.join()).isInstanceOf(CancellationException.class);
            assertThat(segmenter.stats().underWay()).isZero();
            gate.orElseThrow().open.countDown();
        }
    }

    @Test
    void afterClosingEverythingIsRefused() {
        var segmenter = open();
        assertThat(segmenter.drain(Duration.ofSeconds(5))).isTrue();
        assertThatThrownBy(() -> segmenter.segment(TestPictures.noise(1), SegmentPrompt.inside(1, 1)))
                .isInstanceOf(BusyException.class);
        segmenter.close();
        segmenter.close();
    }

    /** Of another side, width and depth, without a change of code. */
    @Test
    void aCheckpointOfOtherDimensions() {
        try (var segmenter = open("sam-other", options(64 << 20, 8))) {
            Picture picture = TestPictures.noise(7);
            Segmentation found = segmenter.segment(picture, SegmentPrompt.inside(20, 20));
            assertThat(found.candidates()).hasSize(3);
            assertThat(found.best().logits().side()).isEqualTo(48);
            assertThat(found.best().mask().width()).isEqualTo(picture.width());
            Segmentation refined = segmenter.segment(
                    picture, SegmentPrompt.inside(20, 20).refining(found.best().logits()));
            assertThat(refined.best().logits().values())
                    .isNotEqualTo(found.best().logits().values());
        }
    }

    /** A CPU runs float16, too, so that a bundle for CUDA can be compared here. */
    @Test
    void aBundleForCudaMarksTheSame() {
        try (var exact = open();
                var half = Segmenter.open(TestBundles.folder("sam-golden-cuda"), options(64 << 20, 8))) {
            Picture picture = TestPictures.noise(8);
            Mask expected =
                    exact.segment(picture, SegmentPrompt.inside(30, 30)).best().mask();
            Mask found =
                    half.segment(picture, SegmentPrompt.inside(30, 30)).best().mask();
            long off = IntStream.range(0, found.width() * found.height())
                    .filter(i -> found.get(i) != expected.get(i))
                    .count();
            assertThat(off).isLessThan(found.width() * found.height() / 50);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void promptsOfOtherThanNumbersAreRefused(double bad) {
        assertRefused("points[1]", () -> SegmentPrompt.inside(1, 1).and(2, bad, true));
        assertRefused("box", () -> SegmentPrompt.box(1, 1, bad, 5));
    }

    @Test
    void impossiblePromptsAreRefusedByTheirField() {
        assertRefused("points", () -> new SegmentPrompt(List.of(), Optional.empty(), Optional.empty()));
        var many = java.util.Collections.nCopies(257, new SegmentPrompt.Point(1, 1, true));
        assertRefused("points", () -> new SegmentPrompt(many, Optional.empty(), Optional.empty()));
        assertRefused("box", () -> SegmentPrompt.box(10, 10, 10, 20));
        try (var segmenter = open()) {
            Picture picture = TestPictures.noise(9);
            assertRefused("box", () -> segmenter.segment(picture, SegmentPrompt.box(-50, -50, -1, 20)));
            assertRefused("box", () -> segmenter.segment(picture, SegmentPrompt.box(picture.width(), 1, 900, 20)));
            assertThat(segmenter
                            .segment(picture, SegmentPrompt.box(-50, -50, 20, 20))
                            .candidates())
                    .hasSize(3);
            assertThat(segmenter.segment(picture, SegmentPrompt.inside(-5, 1e6)).candidates())
                    .hasSize(3);
        }
    }

    private static void assertRefused(String field, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        RequestException.class, it -> assertThat(it.param()).isEqualTo(field));
    }

    @Test
    void bundlesOfTheOtherKindAreRefusedInWords() {
        assertThatThrownBy(() -> Segmenter.open(TestBundles.folder("golden-joint-fp32")))
                .isInstanceOf(BundleException.class)
                .hasMessageContaining("is of family dam; a segmenter's is of family sam2");
        assertThatThrownBy(() -> DescribeAnything.open(TestBundles.folder("sam-golden")))
                .isInstanceOf(BundleException.class)
                .hasMessageContaining("name it with --segmenter");
    }
}
