package io.github.describeanything.model.family.pam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import io.github.describeanything.model.segment.SubjectMask;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clips: the region is marked on the first frame, followed through the others, and described in sixteen. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PamClipTest {
    private static final int WIDTH = 64;
    private static final int FIRST = 1043 * WIDTH;
    private static final int LATER = 275 * WIDTH;

    @AutoClose
    private final PamModel model = new PamModel("pam-golden");

    /** A box asked in Chinese, points, and a stream of two segments, the second after the caption of the first. */
    static Stream<PamCase> clips() {
        return PamCase.clips();
    }

    @ParameterizedTest
    @MethodSource("clips")
    void describedFramesAreThoseOfThePublishedCode(PamCase clip) {
        List<Integer> expected = clip.ints("chosen_frames").boxed().toList();
        assertThat(ClipFrames.of(clip.frames().size())).isEqualTo(expected);
    }

    @Test
    void fewerThanSixteenFramesAreNoClip() {
        assertThatThrownBy(() -> ClipFrames.of(15)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @MethodSource("clips")
    void aClipIsFollowedAndDescribedLikeThePublishedCode(PamCase golden) {
        assertThat(model.prompts.build(16, golden.question(), 12_000).entries()).isEqualTo(golden.entries(5168));
        float[] encoded = model.vision.encode(model.clip(golden));
        masksAreThePublishedOnes(golden, encoded);
        List<Integer> described = golden.ints("chosen_frames").boxed().toList();
        for (int i = 0; i < 16; i++) {
            int from = i == 0 ? 0 : FIRST + (i - 1) * LATER;
            int visual = (i == 0 ? 1024 : 256) * WIDTH;
            assertThat(golden.off("image_embeds_" + described.get(i), Arrays.copyOfRange(encoded, from, from + visual)))
                    .as("frame " + described.get(i))
                    .isLessThan(1e-3);
        }
        assertThat(model.logitsOff(golden, encoded)).isLessThan(1e-2);
        model.requirePublishedIds(golden, encoded);
    }

    @Test
    void laterFramesAreExactFromTheWholeArray() {
        PamCase golden = PamCase.of("video");
        float[] seen =
                PamCase.rows(golden.arrays().get("mid_image_embed_whole_1").floats(), WIDTH);
        float[] tokens = golden.arrays().get("mask_tokens").floats();
        float[] second = Arrays.copyOfRange(tokens, 2 * WIDTH, 4 * WIDTH);
        float[] embeds = model.vision.perceive(seen, second).get("frame_embeds").data();
        assertThat(golden.off("image_embeds_1", Arrays.copyOf(embeds, 256 * WIDTH)))
                .isLessThan(3e-6);
        float[] semantic = Arrays.copyOfRange(embeds, 257 * WIDTH, 273 * WIDTH);
        float[] published = golden.arrays().get("sem_embeds").floats();
        for (int i = 0; i < semantic.length; i++) {
            assertThat(semantic[i]).isCloseTo(published[semantic.length + i], offset(3e-6f));
        }
    }

    private void masksAreThePublishedOnes(PamCase golden, float[] encoded) {
        List<SubjectMask> masks = model.masks(encoded);
        assertThat(masks).hasSize(golden.frames().size());
        int width = golden.picture().width();
        int height = golden.picture().height();
        for (int frame = 0; frame < masks.size(); frame++) {
            assertThat((double) masks.get(frame).score())
                    .as("object score of frame " + frame)
                    .isCloseTo(golden.score(frame), offset(2e-3));
            assertThat(golden.pixelsOff(frame, masks.get(frame).logits().enlarged(width, height)))
                    .as("frame " + frame)
                    .isLessThanOrEqualTo(width * height / 1000);
        }
    }
}
