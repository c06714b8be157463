package io.github.describeanything.model.family.pam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.model.api.SamplingOptions;
import io.github.describeanything.model.features.RegionFeatures;
import io.github.describeanything.model.segment.SubjectMask;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Clips: the region is marked on the first frame, followed through the others, and described in sixteen. */
class PamClipTest {
    private static final int WIDTH = 64;
    private static final int FIRST = 1043 * WIDTH;
    private static final int LATER = 275 * WIDTH;

    static Stream<JsonNode> clips() {
        return PamCase.records().filter(it -> it.path("frames").size() > 1);
    }

    @ParameterizedTest
    @MethodSource("clips")
    void describedFramesAreThoseOfThePublishedCode(JsonNode clip) {
        List<Integer> expected = StreamSupport.stream(clip.path("chosen_frames").spliterator(), false)
                .map(JsonNode::asInt)
                .toList();
        assertThat(ClipFrames.of(clip.path("frames").size())).isEqualTo(expected);
    }

    @Test
    void aClipIsFollowedAndDescribedLikeThePublishedCode() {
        PamCase golden = PamCase.of("video_16_frames_points");
        try (var model = new PamModel("pam-golden")) {
            assertThat(model.prompts.build(16, golden.question(), 12_000).entries())
                    .isEqualTo(golden.entries(5168));
            float[] encoded = model.vision.encode(model.clip(golden));
            masksAreThePublishedOnes(golden, model, encoded);
            for (int frame = 0; frame < 16; frame++) {
                int from = frame == 0 ? 0 : FIRST + (frame - 1) * LATER;
                int visual = (frame == 0 ? 1024 : 256) * WIDTH;
                assertThat(golden.off("image_embeds_" + frame, Arrays.copyOfRange(encoded, from, from + visual)))
                        .as("frame " + frame)
                        .isLessThan(1e-3);
            }
            float[] logits = model.logits(golden, encoded, new int[0])[0];
            assertThat(golden.off("logits", logits)).isLessThan(1e-2);
            List<Integer> expected = golden.ints("greedy_ids").boxed().toList();
            List<Integer> found = model.chosen(golden, encoded, SamplingOptions.GREEDY, expected.size(), 0.02);
            assertThat(found).isNotEmpty().isEqualTo(expected.subList(0, found.size()));
        }
    }

    private static void masksAreThePublishedOnes(PamCase golden, PamModel model, float[] encoded) {
        List<SubjectMask> masks =
                model.vision.masks(new RegionFeatures(ByteBuffer.allocate(0), encoded, Duration.ZERO));
        assertThat(masks).hasSize(16);
        int width = golden.picture().width();
        int height = golden.picture().height();
        byte[] bits = golden.arrays().get("mask_bits").bytes();
        int each = bits.length / 16;
        for (int frame = 0; frame < 16; frame++) {
            assertThat((double) masks.get(frame).score())
                    .as("object score of frame " + frame)
                    .isCloseTo(golden.expected().path("object_score").get(frame).asDouble(), offset(2e-3));
            Mask mask = masks.get(frame).logits().enlarged(width, height);
            int different = 0;
            for (int i = 0; i < width * height; i++) {
                boolean wanted = (bits[frame * each + i / 8] >> 7 - i % 8 & 1) == 1;
                different += mask.get(i) != wanted ? 1 : 0;
            }
            assertThat(different).as("frame " + frame).isLessThanOrEqualTo(width * height / 1000);
        }
    }
}
