package io.github.describeanything.model.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.TestBundles;
import io.github.describeanything.model.bundle.Bundle;
import io.github.describeanything.model.bundle.SegmenterBundle;
import io.github.describeanything.model.family.pam.PamCase;
import io.github.describeanything.model.onnx.Placement;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Perceive Anything keeps of each frame of a clip for the later ones, against what the published code computed. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RegionGraphsTest {
    private static final double CLOSE = 5e-3;
    /** Of the largest value, which is above 8. */
    private static final double STEP_OF_BFLOAT16 = 1.0 / 16;

    private final SegmenterBundle bundle = SegmenterBundle.inside(Bundle.open(TestBundles.folder("pam-golden")));

    @AutoClose
    private final PictureEncoder encoder = new PictureEncoder(bundle, Placement.cpu(2));

    @AutoClose
    private final RegionGraphs regions = new RegionGraphs(bundle, Placement.cpu(2));

    @ParameterizedTest
    @ValueSource(strings = {"video", "video_16_frames_points"})
    void pointersAndMemoriesAreThePublishedOnes(String name) {
        PamCase golden = PamCase.of(name);
        SegmenterBundle.Shape shape = bundle.manifest().sam2();
        int size = shape.memoryChannels() * shape.cells() * shape.cells();
        List<Picture> frames = golden.frames();
        var pointers = new float[frames.size() * shape.channels()];
        var memories = new float[frames.size() * size];
        RegionGraphs.Clip clip = regions.clip(frames.size());
        for (int i = 0; i < frames.size(); i++) {
            Picture frame = frames.get(i);
            float[] features = encoder.encode(List.of(encoder.frameView(frame)));
            AttendedRegion found =
                    i == 0 ? clip.first(features, golden.prompt(), frame.width(), frame.height()) : clip.next(features);
            System.arraycopy(found.pointer(), 0, pointers, i * shape.channels(), shape.channels());
            clip.newest().copyTo(memories, i * size);
        }
        assertThat(golden.off("obj_ptr", pointers)).isLessThan(CLOSE);
        // The prompted frame's memory is rounded, perhaps to the next value. Those of tracked frames are not.
        assertThat(golden.off("memory", memories, 0, size)).isLessThanOrEqualTo(STEP_OF_BFLOAT16);
        assertThat(golden.off("memory", memories, size, memories.length)).isLessThan(CLOSE);
    }
}
