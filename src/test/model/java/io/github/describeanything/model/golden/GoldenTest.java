package io.github.describeanything.model.golden;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.model.features.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares every stage of a float32 bundle with the published code. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GoldenTest {
    private static final double CLEAR = 0.01;

    private GoldenModel image;
    private GoldenModel joint;

    @BeforeAll
    void open() {
        image = new GoldenModel("golden-image-fp32");
        joint = new GoldenModel("golden-joint-fp32");
    }

    @AfterAll
    void close() {
        image.close();
        joint.close();
    }

    private GoldenModel model(GoldenCase golden) {
        return golden.joint() ? joint : image;
    }

    static Stream<GoldenCase> all() {
        return GoldenCase.all();
    }

    static Stream<GoldenCase> withPixels() {
        return all().filter(it -> it.reference().has("pixels_u8"));
    }

    @ParameterizedTest
    @MethodSource("all")
    void promptsAreTokenisedLikeThePublishedCode(GoldenCase golden) {
        var prompt = model(golden).prompts.build(golden.frames().size(), golden.question(), 2047);
        assertThat(prompt.entries()).isEqualTo(model(golden).prompt(golden).entries());
        assertThat(prompt.tokens()).isEqualTo(golden.positions());
    }

    @ParameterizedTest
    @MethodSource("all")
    void pixelsDifferByOneLevelInAtMostOneOfAThousandValues(GoldenCase golden) {
        var reference = golden.reference();
        float[] expected = reference.get("pixels_value").floats();
        int[] index = reference.get("pixels_index").ints();
        float[] views = concatenate(model(golden).views(golden));
        int off = 0;
        for (int i = 0; i < index.length; i++) {
            long difference = Math.abs(level(views[index[i]]) - level(expected[i]));
            assertThat(difference).isLessThanOrEqualTo(1);
            off += (int) difference;
            if (difference == 0) {
                assertThat(views[index[i]]).as("rounded to float16").isEqualTo(expected[i]);
            }
        }
        assertThat(off / (double) index.length).isLessThanOrEqualTo(0.001);
    }

    @ParameterizedTest
    @MethodSource("withPixels")
    void everyStageIsExactFromTheReferencePixels(GoldenCase golden) {
        var reference = golden.reference();
        Map<String, float[]> stages = model(golden).vision.stages(List.of(new View(views(reference))));
        for (String name : List.of("global_features", "regional_features")) {
            assertThat(sampledDifference(reference, name, stages.get(name)))
                    .as(name)
                    .isLessThan(5e-6);
        }
        float[] embeds = stages.get("image_embeds");
        assertThat(difference(embeds, reference.get("image_embeds").floats())).isLessThan(5e-5);
        assertThat(logitDifference(golden, embeds)).isLessThan(5e-4);
    }

    @ParameterizedTest
    @MethodSource("all")
    void embeddingsAndLogitsStayCloseThroughTheWholePath(GoldenCase golden) {
        float[] embeds = model(golden).vision.encode(model(golden).views(golden));
        assertThat(difference(embeds, golden.reference().get("image_embeds").floats()))
                .isLessThan(2e-3);
        assertThat(logitDifference(golden, embeds)).isLessThan(2e-3);
    }

    @ParameterizedTest
    @MethodSource("all")
    void greedyIdsMatchTheReferenceUpToTheFirstCloseChoice(GoldenCase golden) {
        var model = model(golden);
        float[] embeds = model.vision.encode(model.views(golden));
        int steps = golden.clearSteps(CLEAR);
        int[] forced = golden.greedyIds().stream().limit(steps).mapToInt(i -> i).toArray();
        float[][] logits = model.logits(golden, embeds, forced);
        var chosen = new ArrayList<Integer>();
        for (int i = 0; i < steps; i++) {
            chosen.add(argmax(logits[i]));
        }
        assertThat(chosen).isEqualTo(golden.greedyIds().subList(0, steps));
    }

    @ParameterizedTest
    @CsvSource({
        "golden-joint-fp16, 5e-5, 2e-3",
        "golden-joint-int8-per-block, 0.3, 3",
        "golden-joint-int8-per-token, 0.3, 3",
        "golden-joint-int4, 3, 25",
        "golden-joint-cuda-fp16, 1e-2, 0.1",
        "golden-joint-cuda-bf16, 1e-2, 0.6"
    })
    void otherPrecisionsStayWithinTheirBounds(String bundle, double embedsBound, double logitsBound) {
        GoldenCase golden =
                all().filter(it -> it.name().equals("joint_image")).findFirst().orElseThrow();
        try (var model = new GoldenModel(bundle)) {
            float[] embeds = model.vision.encode(model.views(golden));
            float[] exact = joint.vision.encode(joint.views(golden));
            assertThat(difference(embeds, exact)).isLessThan(embedsBound);
            int[] forced = golden.reference().get("forced_ids").ints();
            float[][] logits = model.logits(golden, embeds, forced);
            float[][] expected = joint.logits(golden, exact, forced);
            for (int i = 0; i < logits.length; i++) {
                assertThat(difference(logits[i], expected[i])).isLessThan(logitsBound);
            }
        }
    }

    /** Largest difference of the logits after the prompt, and of the top logits after each forced id. */
    private double logitDifference(GoldenCase golden, float[] embeds) {
        var reference = golden.reference();
        int[] forced = reference.get("forced_ids").ints();
        float[][] logits = model(golden).logits(golden, embeds, forced);
        double worst = difference(logits[0], reference.get("logits").floats());
        int[] topIds = reference.get("forced_logits_top_ids").ints();
        float[] top = reference.get("forced_logits_top").floats();
        int each = topIds.length / forced.length;
        for (int i = 0; i < topIds.length; i++) {
            // Entry s: after the prompt and forced_ids[0..s].
            worst = Math.max(worst, Math.abs(logits[i / each + 1][topIds[i]] - top[i]));
        }
        return worst;
    }

    private static float[] views(Npz reference) {
        byte[] bytes = reference.get("pixels_u8").bytes();
        var views = new float[bytes.length];
        for (int i = 0; i < views.length; i++) {
            views[i] = Float.float16ToFloat(Float.floatToFloat16((bytes[i] & 0xFF) / 127.5f - 1f));
        }
        return views;
    }

    private static double sampledDifference(Npz reference, String name, float[] actual) {
        int[] index = reference.get(name + "_index").ints();
        float[] expected = reference.get(name + "_value").floats();
        double worst = 0;
        for (int i = 0; i < index.length; i++) {
            worst = Math.max(worst, Math.abs(actual[index[i]] - expected[i]));
        }
        return worst;
    }

    private static double difference(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double worst = 0;
        for (int i = 0; i < actual.length; i++) {
            worst = Math.max(worst, Math.abs(actual[i] - expected[i]));
        }
        return worst;
    }

    private static long level(float value) {
        return Math.round((value + 1) * 127.5);
    }

    private static float[] concatenate(List<View> parts) {
        int length = parts.getFirst().values().length;
        var all = new float[parts.size() * length];
        for (int i = 0; i < parts.size(); i++) {
            System.arraycopy(parts.get(i).values(), 0, all, i * length, length);
        }
        return all;
    }

    private static int argmax(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        return best;
    }
}
