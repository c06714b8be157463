package io.github.describeanything.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.focal.codec.PictureReader;
import io.github.describeanything.model.api.BusyException;
import io.github.describeanything.model.api.RequestException;
import io.github.describeanything.model.segment.Direction;
import io.github.describeanything.model.segment.FramePrompt;
import io.github.describeanything.model.segment.SegmentPrompt;
import io.github.describeanything.model.segment.TrackedFrame;
import io.github.describeanything.model.segment.TrackedMask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TrackingTest {
    private static final FramePrompt FIRST =
            FramePrompt.of(0, 7, SegmentPrompt.inside(144.6, 144.6).and(132.9, 133, false));
    private static final FramePrompt LATER = FramePrompt.of(2, 3, SegmentPrompt.box(86, 92, 167, 160));
    private static final TrackingOptions ONCE = new TrackingOptions(true, false);

    private static List<Picture> frames;

    @BeforeAll
    static void read() throws IOException {
        Path folder = TestBundles.root().resolve("src/test/resources/golden-sam/cases");
        frames = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            byte[] file = Files.readAllBytes(folder.resolve("clip_0%d.png".formatted(i)));
            frames.add(new PictureReader(PictureLimits.DEFAULT).read(file));
        }
    }

    private static Segmenter segmenter() {
        return Segmenter.open(TestBundles.folder("sam-golden"));
    }

    private static List<TrackedFrame> both(Tracking video, List<Picture> pictures) {
        var found = new TreeMap<Integer, TrackedFrame>();
        for (Direction direction : Direction.values()) {
            for (int frame : video.pass(direction)) {
                found.put(frame, video.visit(frame, direction, pictures.get(frame)));
            }
        }
        return List.copyOf(found.values());
    }

    @Test
    void everyFrameHasAMaskOfEveryThing() {
        List<Picture> clip = frames.subList(0, 4);
        try (var segmenter = segmenter()) {
            List<TrackedFrame> found = segmenter.track(clip, List.of(FIRST, LATER));
            assertThat(found).extracting(TrackedFrame::frame).containsExactly(0, 1, 2, 3);
            assertThat(found)
                    .allSatisfy(it -> assertThat(it.masks())
                            .extracting(TrackedMask::object)
                            .containsExactly(7, 3));
            assertThat(found.getFirst().masks().getFirst().mask().count()).isPositive();
            // Once a frame, though frame 2 is prompted for one thing and tracked for the other.
            assertThat(segmenter.stats().embeddings()).isEqualTo(4);
            assertThat(segmenter.stats().tracked()).isEqualTo(2 * 4);
            assertThat(segmenter.stats().trackingSeconds()).isPositive();
            assertThat(segmenter.stats().underWay()).isZero();
        }
    }

    /** A prompt in the middle of ten frames: both passes are longer than what a frame remembers. */
    @Test
    void whatNoPassReadsIsDroppedWithoutAnyEffect() {
        var prompts = List.of(FramePrompt.of(1, 1, SegmentPrompt.inside(144.6, 144.6)), LATER);
        try (var segmenter = segmenter();
                Tracking kept = segmenter.tracking(frames.size(), TrackingOptions.DEFAULT);
                Tracking dropped = segmenter.tracking(frames.size(), ONCE)) {
            for (FramePrompt it : prompts) {
                kept.prompt(frames.get(it.frame()), it);
                dropped.prompt(frames.get(it.frame()), it);
            }
            assertThat(both(dropped, frames)).isEqualTo(both(kept, frames));
        }
    }

    @Test
    void aThingOutOfSightHasAnEmptyMaskAndNoScore() {
        try (var segmenter = segmenter()) {
            TrackedMask found =
                    segmenter.track(frames, List.of(FIRST)).get(8).masks().getFirst();
            assertThat(found.mask().count()).isZero();
            assertThat(found.score()).isZero();
        }
    }

    @Test
    void aGivenMaskStaysButForItsCorners() {
        var bits = new BitSet();
        IntStream.range(48, 148).forEach(y -> bits.set(256 * y + 60, 256 * y + 160));
        try (var segmenter = segmenter();
                Tracking video = segmenter.tracking(2, ONCE)) {
            Mask square = Mask.of(256, 256, bits);
            TrackedMask found = video.prompt(frames.getFirst(), FramePrompt.of(0, 1, square));
            long off = IntStream.range(0, 256 * 256)
                    .filter(i -> found.mask().get(i) != square.get(i))
                    .count();
            assertThat(off).isLessThan(20);
            assertThat(found.score()).isEqualTo(1);
            TrackedMask empty = video.prompt(frames.get(1), FramePrompt.of(1, 1, Mask.of(256, 256, new BitSet())));
            assertThat(empty.mask().count()).isZero();
            assertThat(empty.score()).isZero();
        }
    }

    @Test
    void backwardFromTheFirstFrameVisitsNothing() {
        try (var segmenter = segmenter();
                Tracking video = segmenter.tracking(3, ONCE)) {
            video.prompt(frames.getFirst(), FIRST);
            assertThat(video.pass(Direction.FORWARD)).containsExactly(0, 1, 2);
            assertThat(video.pass(Direction.BACKWARD)).isEmpty();
            video.prompt(frames.get(2), LATER);
            assertThat(video.tracks(0)).isTrue();
        }
    }

    @Test
    void impossiblePromptsAreRefusedByTheirField() {
        try (var segmenter = segmenter();
                Tracking video = segmenter.tracking(3, ONCE)) {
            var after = FramePrompt.of(3, 1, SegmentPrompt.inside(1, 1));
            assertRefused("frame", () -> video.prompt(frames.getFirst(), after));
            assertRefused("frame", () -> segmenter.track(frames.subList(0, 3), List.of(after)));
            var far = FramePrompt.of(0, 1, SegmentPrompt.box(300, 0, 310, 10));
            assertRefused("box", () -> video.prompt(frames.getFirst(), far));
            var large = FramePrompt.of(0, 1, Mask.of(9, 9, new BitSet()));
            assertRefused("mask", () -> video.prompt(frames.getFirst(), large));
            assertRefused("prompts", () -> segmenter.track(frames.subList(0, 3), List.of()));
            for (int i = 0; i < Tracking.MAX_OBJECTS; i++) {
                video.prompt(frames.getFirst(), FramePrompt.of(0, i, SegmentPrompt.inside(9 * i, 9)));
            }
            assertRefused("object", () -> video.prompt(frames.getFirst(), FramePrompt.of(0, 99, corner())));
            assertThat(video.prompt(frames.getFirst(), FramePrompt.of(0, 3, corner()))
                            .object())
                    .isEqualTo(3);
        }
    }

    private static SegmentPrompt corner() {
        return SegmentPrompt.inside(9, 9);
    }

    private static void assertRefused(String field, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        RequestException.class, it -> assertThat(it.param()).isEqualTo(field));
    }

    @Test
    void correctionsNeedAVideoThatWasOpenedForThem() {
        try (var segmenter = segmenter();
                Tracking video = segmenter.tracking(3, ONCE)) {
            video.prompt(frames.getFirst(), FIRST);
            video.visit(0, Direction.FORWARD, frames.getFirst());
            assertThatThrownBy(() -> video.prompt(frames.get(2), LATER)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void onlySoManyVideosAtOnce() {
        var open = new ArrayList<Tracking>();
        try (var segmenter = segmenter()) {
            for (int i = 0; i < 4; i++) {
                open.add(segmenter.tracking(3, ONCE));
            }
            assertThatThrownBy(() -> segmenter.tracking(3, ONCE)).isInstanceOf(BusyException.class);
            open.removeFirst().close();
            open.add(segmenter.tracking(3, ONCE));
            open.forEach(Tracking::close);
            open.forEach(Tracking::close);
            assertThat(segmenter.stats().underWay()).isZero();
        }
    }

    @Test
    void anInterruptCancelsBetweenFrames() throws InterruptedException {
        try (var segmenter = segmenter()) {
            var failure = new AtomicReference<Throwable>();
            var started = new CompletableFuture<Void>();
            Thread caller = Thread.startVirtualThread(() -> {
                try (Tracking video = segmenter.tracking(frames.size(), ONCE)) {
                    video.prompt(frames.getFirst(), FIRST);
                    started.complete(null);
                    both(video, frames);
                } catch (Throwable e) {
                    failure.set(e);
                }
            });
            started.join();
            caller.interrupt();
            caller.join();
            assertThat(failure.get()).isInstanceOf(CancellationException.class);
            assertThat(segmenter.stats().underWay()).isZero();
            assertThat(segmenter.stats().tracked()).isLessThan(frames.size());
            assertThat(segmenter.track(frames.subList(0, 2), List.of(FIRST))).hasSize(2);
        }
    }

    @Test
    void aClickOnAPictureIsAnsweredWhileAVideoIsTracked() {
        try (var segmenter = segmenter()) {
            var tracked = new CompletableFuture<List<TrackedFrame>>();
            Thread.startVirtualThread(() -> tracked.complete(segmenter.track(frames, List.of(FIRST, LATER))));
            Picture picture = frames.getLast();
            for (int i = 0; i < 3; i++) {
                segmenter.segment(picture, SegmentPrompt.inside(30, 30 + i));
            }
            assertThat(tracked.isDone()).isFalse();
            assertThat(tracked.join()).hasSize(frames.size());
        }
    }

    @Test
    void aFrameIsNotTheSameAsAPictureOfTheSamePixels() {
        try (var segmenter = segmenter()) {
            segmenter.segment(frames.getFirst(), SegmentPrompt.inside(30, 30));
            segmenter.track(frames.subList(0, 1), List.of(FIRST));
            assertThat(segmenter.stats().embeddings()).isEqualTo(2);
        }
    }
}
