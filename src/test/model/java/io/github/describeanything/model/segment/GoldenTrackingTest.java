package io.github.describeanything.model.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.Segmenter;
import io.github.describeanything.model.TestBundles;
import io.github.describeanything.model.Tracking;
import io.github.describeanything.model.TrackingOptions;
import io.github.describeanything.model.bundle.SegmenterBundle;
import io.github.describeanything.model.features.FeatureQueue;
import io.github.describeanything.model.lane.Costs;
import io.github.describeanything.model.lane.Lane;
import io.github.describeanything.model.lane.Schedule;
import io.github.describeanything.model.onnx.Placement;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clips, frame by frame, against what the published code computed: logits, scores, pointers and masks. */
class GoldenTrackingTest {
    private static final double PROMPTED = 5e-4;
    private static final double TRACKED = 1e-2;
    private static final double AFTER_CORRECTION = 3e-2;
    private static final double SCORES_AND_POINTERS = 5e-3;
    private static final double SHARE_OF_PIXELS = 5e-4;
    private static final double SHARE_OF_FILLED_CELLS = 1e-3;

    private static SegmenterBundle bundle;
    private static PictureEncoder encoder;
    private static Lane lane;
    private static FeatureQueue embeddings;
    private static GraphQueue queue;

    @BeforeAll
    static void open() {
        bundle = SegmenterBundle.open(TestBundles.folder("sam-golden"));
        encoder = new PictureEncoder(bundle, Placement.cpu(2));
        lane = new Lane("segmenter", cause -> {});
        var schedule = new Schedule(Schedule.Mode.LATENCY, Duration.ofSeconds(1), false, 1);
        embeddings = new FeatureQueue(lane, schedule, encoder, 1 << 28, 1, false);
        queue = new GraphQueue(lane, new SegmentGraphs(bundle, Placement.cpu(2)), Costs.Kind.TRACK);
        lane.add(embeddings);
        lane.add(queue);
    }

    @AfterAll
    static void close() {
        lane.close();
    }

    private static EmbeddedPicture embedded(Picture picture) {
        var key = ByteBuffer.wrap(picture.rgba());
        var features = embeddings.encode(key, List.of(encoder.frameView(picture)));
        return new EmbeddedPicture(key, new PictureSize(picture.width(), picture.height()), features, () -> {});
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "points_first_frame",
                "one_point_first_frame",
                "box_middle_frame",
                "mask_prompt",
                "two_objects",
                "correction"
            })
    void everyFrameOfAClip(String name) {
        var video = new GoldenVideo(name);
        var tracker = new Tracker(bundle.manifest().sam2(), queue, video.frames.size(), false, true);
        int pass = 0;
        boolean corrected = false;
        for (GoldenVideo.Step step : video.steps) {
            for (FramePrompt it : step.prompts()) {
                corrected |= pass > 0;
                try (EmbeddedPicture picture = embedded(video.frames.get(it.frame()))) {
                    tracker.prompt(picture, it);
                }
            }
            for (Direction direction : step.passes()) {
                List<Integer> frames = tracker.pass(direction);
                assertThat(frames).isEqualTo(video.visited(pass));
                assertThat(tracker.objects()).containsExactlyElementsOf(video.objects(pass));
                for (int i = 0; i < frames.size(); i++) {
                    compare(video, tracker, pass, i, visit(video, tracker, frames.get(i), direction), corrected);
                }
                pass++;
            }
        }
    }

    private static List<Tracker.Found> visit(GoldenVideo video, Tracker tracker, int frame, Direction direction) {
        try (EmbeddedPicture picture = embedded(video.frames.get(frame))) {
            return tracker.visit(frame, direction, Optional.of(picture));
        }
    }

    private static void compare(
            GoldenVideo video, Tracker tracker, int pass, int i, List<Tracker.Found> found, boolean corrected) {
        int frame = video.visited(pass).get(i);
        for (int k = 0; k < found.size(); k++) {
            Tracker.Found it = found.get(k);
            String what = "object %d on frame %d in pass %d".formatted(it.object(), frame, pass);
            ObjectTrack track = tracker.track(it.object());
            boolean prompted = track.prompted(frame).isPresent();
            double bound = corrected ? AFTER_CORRECTION : prompted ? PROMPTED : TRACKED;
            assertThat(video.off("low_res", pass, i, k, it.logits().values(), bound))
                    .as(what)
                    .isZero();
            ObjectTrack.Verdict verdict = track.verdict(frame).orElseThrow();
            assertThat(video.off("pointer", pass, i, k, verdict.pointer(), SCORES_AND_POINTERS))
                    .as(what)
                    .isZero();
            float[] score = {verdict.score()};
            assertThat(video.off("object_score", pass, i, k, score, SCORES_AND_POINTERS))
                    .as(what)
                    .isZero();
            Picture picture = video.frames.get(frame);
            TrackedMask mask = it.enlarged(new PictureSize(picture.width(), picture.height()));
            assertThat(video.pixelsOff("mask_bits", pass, i, k, mask.mask()))
                    .as(what)
                    .isLessThanOrEqualTo((long) (SHARE_OF_PIXELS * picture.width() * picture.height()));
        }
    }

    /** Through the segmenter, with holes filled. The frames of {@code wide} are resized. */
    @ParameterizedTest
    @ValueSource(strings = {"points_first_frame", "box_middle_frame", "two_objects", "correction", "wide"})
    void holesAreFilled(String name) {
        var video = new GoldenVideo(name);
        long off = 0;
        long pixels = 0;
        try (var segmenter = Segmenter.open(TestBundles.folder("sam-golden"));
                Tracking tracking = segmenter.tracking(video.frames.size(), TrackingOptions.DEFAULT)) {
            int pass = 0;
            for (GoldenVideo.Step step : video.steps) {
                step.prompts().forEach(it -> tracking.prompt(video.frames.get(it.frame()), it));
                for (Direction direction : step.passes()) {
                    List<Integer> frames = tracking.pass(direction);
                    for (int i = 0; i < frames.size(); i++) {
                        int frame = frames.get(i);
                        List<TrackedMask> masks = tracking.visit(frame, direction, video.frames.get(frame))
                                .masks();
                        for (int k = 0; k < masks.size(); k++) {
                            off += video.pixelsOff(
                                    "filled_mask_bits", pass, i, k, masks.get(k).mask());
                            pixels += (long) masks.get(k).mask().width()
                                    * masks.get(k).mask().height();
                        }
                    }
                    pass++;
                }
            }
            // Once a frame, whatever the things and passes.
            assertThat(segmenter.stats().embeddings()).isLessThanOrEqualTo(video.frames.size());
        }
        assertThat(off).isLessThanOrEqualTo((long) (SHARE_OF_FILLED_CELLS * pixels));
        assertThat(pixels).isPositive();
    }
}
