package io.github.describeanything.model.family.pam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.SelfCheck;
import io.github.describeanything.model.TestBundles;
import io.github.describeanything.model.api.SamplingOptions;
import io.github.describeanything.model.onnx.Graph.Value;
import io.github.describeanything.model.segment.AttendedRegion;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares every stage of a float32 bundle with the published code, from whole arrays and from pictures. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PamGoldenTest {
    private static final double EXACT_LOGITS = 1e-3;

    @AutoClose
    private final PamModel model = new PamModel("pam-golden");

    static Stream<PamCase> pictures() {
        return PamCase.pictures();
    }

    @ParameterizedTest
    @MethodSource("pictures")
    void promptsAreTokenisedLikeThePublishedCode(PamCase golden) {
        var prompt = model.prompts.build(1, golden.question(), 12_000);
        assertThat(prompt.entries()).isEqualTo(golden.entries(model.rows()));
        assertThat(prompt.tokens())
                .isEqualTo(golden.expected().path("prompt_positions").asInt());
    }

    @Test
    void thePerceiverIsExactFromTheWholeArrays() {
        PamCase golden = PamCase.of("box");
        float[] seen = PamCase.rows(golden.arrays().get("mid_image_embed_whole").floats(), 64);
        float[] tokens = golden.arrays().get("mask_tokens").floats();
        Map<String, Value.Floats> found = model.vision.perceive(seen, tokens);
        assertThat(golden.off("sem_tokens", found.get("sem_tokens").data())).isLessThan(1e-5);
        float[] embeds = found.get("picture_embeds").data();
        int visual = 1024 * 64;
        assertThat(golden.off("image_embeds_whole", Arrays.copyOf(embeds, visual)))
                .isLessThan(3e-6);
        float[] semantic = Arrays.copyOfRange(embeds, visual + 64, visual + 17 * 64);
        assertThat(golden.off("sem_embeds", semantic)).isLessThan(3e-6);
        assertThat(model.logitsOff(golden, embeds)).isLessThan(EXACT_LOGITS);
        assertThat(model.chosen(golden, embeds, SamplingOptions.GREEDY, 24, 0))
                .isEqualTo(golden.ints("greedy_ids").boxed().toList());
    }

    @ParameterizedTest
    @MethodSource("pictures")
    void samSeesTheRegionLikeThePublishedCode(PamCase golden) {
        AttendedRegion found = model.vision.attend(model.view(golden));
        assertThat((double) found.mask().score()).isCloseTo(golden.score(0), offset(2e-3));
        // Of an absent object the published masks are -1024 everywhere.
        assertThat(golden.off("low_res_masks", found.mask().logits().values())).isLessThan(5e-2);
        float[] published = golden.arrays().get("mask_tokens").floats();
        assertThat(tokenDistance(found.tokens(), published)).isLessThan(5e-3);
        assertThat(golden.off("mid_image_embed", PamCase.columns(found.seen(), 64)))
                .isLessThan(5e-3);
    }

    @ParameterizedTest
    @MethodSource("pictures")
    void embeddingsMasksAndLogitsStayCloseThroughTheWholePath(PamCase golden) {
        float[] encoded = model.vision.encode(List.of(model.view(golden)));
        assertThat(golden.off("image_embeds", Arrays.copyOf(encoded, 1024 * 64)))
                .isLessThan(1e-3);
        assertThat(model.logitsOff(golden, encoded)).isLessThan(5e-3);
        Mask mask = model.mask(golden, encoded);
        assertThat(golden.pixelsOff(0, mask)).isLessThanOrEqualTo(mask.width() * mask.height() / 10_000);
    }

    @ParameterizedTest
    @MethodSource("pictures")
    void greedyIdsMatchUpToTheFirstCloseChoiceWithAndWithoutThePenalty(PamCase golden) {
        float[] encoded = model.vision.encode(List.of(model.view(golden)));
        assertThat(model.bundle.manifest().sampling().repetitionPenalty()).hasValue(1.05);
        model.requirePublishedIds(golden, encoded);
    }

    @Test
    void aLostObjectHasAnEmptyMaskAndAnAnswer() {
        PamCase golden = PamCase.of("points");
        float[] encoded = model.vision.encode(List.of(model.view(golden)));
        assertThat(model.masks(encoded).getFirst().score()).isNegative();
        assertThat(model.mask(golden, encoded).box()).isEmpty();
        assertThat(model.chosen(golden, encoded, SamplingOptions.GREEDY, 3, 0)).hasSize(3);
    }

    @Test
    void aMaskBecomesItsTightBox() {
        PamCase golden = PamCase.of("box");
        var mask = new io.github.describeanything.focal.region.Box(90, 60, 211, 170).rasterise(320, 240);
        var view = (PamView) model.vision.view(golden.picture()).region(mask);
        assertThat(view.prompt()).isEqualTo(golden.prompt());
    }

    @ParameterizedTest
    @CsvSource({"pam-golden-int8, 0.2, 6", "pam-golden-cuda, 1e-2, 0.5"})
    void otherPrecisionsStayWithinTheirBounds(String bundle, double embedsBound, double logitsBound) {
        PamCase golden = PamCase.of("box");
        try (var other = new PamModel(bundle)) {
            float[] encoded = other.vision.encode(List.of(other.view(golden)));
            assertThat(golden.off("image_embeds", Arrays.copyOf(encoded, 1024 * 64)))
                    .isLessThan(embedsBound);
            assertThat(other.logitsOff(golden, encoded)).isLessThan(logitsBound);
        }
    }

    /** Beside the golden one, whose SAM is inside and whose table is tied: SAM beside and a head of its own, rounded or not. */
    @ParameterizedTest
    @ValueSource(strings = {"pam-other", "pam-other-int8", "pam-other-inside"})
    void anotherCheckpointNeedsNoOtherCode(String name) {
        var bundle = TestBundles.folder(name);
        try (var other = DescribeAnything.open(bundle)) {
            assertThat(other.manifest().image().tokens()).isEqualTo(36 + 5 + 2);
            assertThat(SelfCheck.run(other, bundle).passed()).isTrue();
        }
    }

    /** Their order does not matter to the perceiver. */
    private static double tokenDistance(float[] found, float[] published) {
        double straight = 0;
        double crossed = 0;
        int half = found.length / 2;
        for (int i = 0; i < found.length; i++) {
            straight = Math.max(straight, Math.abs(found[i] - published[i]));
            crossed = Math.max(crossed, Math.abs(found[i] - published[(i + half) % found.length]));
        }
        return Math.min(straight, crossed);
    }
}
