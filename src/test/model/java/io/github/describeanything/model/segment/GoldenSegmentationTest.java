package io.github.describeanything.model.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.Segmenter;
import io.github.describeanything.model.TestBundles;
import io.github.describeanything.model.bundle.SegmenterBundle;
import io.github.describeanything.model.onnx.Graph.Value;
import io.github.describeanything.model.onnx.Placement;
import io.github.describeanything.model.segment.GoldenPicture.Prompt;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every stage of pictures against what the published code computed, and from the file to the mask. */
class GoldenSegmentationTest {
    private static final double FEATURES = 2e-5;
    private static final Map<String, Double> BOUNDS =
            Map.of("masks", 1e-3, "iou", 2e-5, "score", 2e-4, "pointers", 1e-4, "sparse", 1e-5, "dense", 1e-5);

    private static SegmenterBundle bundle;
    private static PictureEncoder encoder;
    private static MaskDecoder decoder;

    @BeforeAll
    static void open() {
        bundle = SegmenterBundle.open(TestBundles.folder("sam-golden"));
        encoder = new PictureEncoder(bundle, Placement.cpu(2));
        decoder = new MaskDecoder(bundle, Placement.cpu(2));
    }

    @AfterAll
    static void close() {
        encoder.close();
        decoder.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"landscape", "portrait", "small"})
    void everyStageOfTheEncoder(String name) {
        var golden = new GoldenPicture(name);
        Set<String> stages = Set.of("stage1", "stage2", "stage3", "stage4", "feat_s0", "feat_s1", "embed");
        encoder.run(golden.view(), stages)
                .forEach((stage, found) ->
                        assertThat(golden.off(stage, found.data())).as(stage).isLessThan(FEATURES));
    }

    @ParameterizedTest
    @ValueSource(strings = {"landscape", "portrait", "small"})
    void everyStageOfTheDecoder(String name) {
        var golden = new GoldenPicture(name);
        Picture picture = golden.picture();
        float[] features = encoder.encode(List.of(golden.view()));
        for (Prompt it : golden.prompts()) {
            ModelPrompt prompt = prompt(golden, it, picture);
            Map<String, Value.Floats> found = decoder.run(features, prompt, BOUNDS.keySet());
            BOUNDS.forEach((stage, bound) -> {
                String key = it.name() + "." + (stage.equals("score") ? "object_score" : stage);
                if (!stage.equals("dense") || prompt.earlier().isPresent()) {
                    assertThat(golden.off(key, found.get(stage).data())).as(key).isLessThan(bound);
                }
            });
            DecodedMasks masks = decoder.decode(features, prompt);
            assertThat(masks.ranked().getFirst()).as("best mask").isEqualTo(golden.integer(it.name() + ".best_mask"));
            assertThat(masks.single(bundle.manifest().sam2()))
                    .as("single mask")
                    .isEqualTo(golden.integer(it.name() + ".single_mask"));
            int best = masks.ranked().getFirst();
            Mask mask = MaskEnlarger.enlarge(masks.logits(best), picture.width(), picture.height());
            assertThat(golden.pixelsOff(it.name() + ".mask_bits", mask))
                    .as(it.name() + ".mask_bits")
                    .isLessThanOrEqualTo(Math.max(2, picture.width() * picture.height() / 5000));
        }
    }

    private static MaskLogits earlier(GoldenPicture golden, Prompt it) {
        float[] logits = golden.arrays.get(it.name() + ".mask_input").floats();
        return new MaskLogits(bundle.manifest().sam2().maskSide(), logits);
    }

    /** With the recorded mask input, and points as the published code scaled them. */
    private static ModelPrompt prompt(GoldenPicture golden, Prompt it, Picture picture) {
        SegmentPrompt prompt = it.prompt();
        if (it.from().isPresent()) {
            prompt = prompt.refining(earlier(golden, it));
        }
        ModelPrompt found = ModelPrompt.of(
                prompt, picture.width(), picture.height(), bundle.manifest().sam2());
        int count = found.labels().length - 1;
        assertThat(golden.off(it.name() + ".coords", Arrays.copyOf(found.points(), 2 * count)))
                .isLessThan(1e-4);
        assertThat(Arrays.stream(found.labels())
                        .limit(count)
                        .mapToInt(Math::toIntExact)
                        .toArray())
                .isEqualTo(golden.arrays.get(it.name() + ".labels").ints());
        assertThat(found.labels()[count]).isEqualTo(-1);
        return found;
    }

    /** A normalised value is at most 4.5 times as far off as one of 0 to 1. */
    @ParameterizedTest
    @ValueSource(strings = {"landscape", "portrait", "small", "big"})
    void picturesAreStretchedAsFloats(String name) {
        var golden = new GoldenPicture(name);
        assertThat(golden.off("float_bilinear", encoder.view(golden.picture()).values()))
                .isLessThan(2e-4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"landscape", "portrait", "small", "big"})
    void fromThePicturesFileToTheMask(String name) {
        var golden = new GoldenPicture(name);
        Picture picture = golden.picture();
        try (var segmenter = Segmenter.open(TestBundles.folder("sam-golden"))) {
            for (Prompt it : golden.prompts()) {
                // The published code refined the logits that it had from the recorded pixels.
                SegmentPrompt prompt = it.from().isPresent() ? it.prompt().refining(earlier(golden, it)) : it.prompt();
                Segmentation found = segmenter.segment(picture, prompt);
                float[] iou = golden.arrays.get(it.name() + ".end_to_end_iou").floats();
                Arrays.sort(iou);
                for (int i = 0; i < 3; i++) {
                    assertThat(found.candidates().get(i).score()).isCloseTo(iou[2 - i], within(1e-3f));
                }
                assertThat(golden.pixelsOff(
                                it.name() + ".end_to_end_mask_bits",
                                found.best().mask()))
                        .as(it.name())
                        .isLessThanOrEqualTo(picture.width() * picture.height() / 1000);
            }
            assertThat(segmenter.stats().embeddings()).isEqualTo(1);
            assertThat(segmenter.stats().prompts()).isEqualTo(golden.prompts().size());
        }
    }

    /** No points: an earlier mask goes in without the point of label -1. */
    @ParameterizedTest
    @ValueSource(strings = "landscape")
    void anEarlierMaskMayBeTheWholePrompt(String name) {
        var golden = new GoldenPicture(name);
        var earlier = new MaskLogits(64, golden.arrays.get("refine.mask_input").floats());
        var alone = new SegmentPrompt(List.of(), Optional.empty(), Optional.of(earlier));
        ModelPrompt prompt = ModelPrompt.of(alone, 300, 200, bundle.manifest().sam2());
        assertThat(prompt.labels()).isEmpty();
        DecodedMasks masks = decoder.decode(encoder.encode(List.of(golden.view())), prompt);
        assertThat(masks.finite()).isTrue();
    }
}
