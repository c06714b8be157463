package io.github.describeanything.model.family.pam;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.TestBundles;
import io.github.describeanything.model.api.SamplingOptions;
import io.github.describeanything.model.bundle.Bundle;
import io.github.describeanything.model.decode.Decoder;
import io.github.describeanything.model.decode.MultimodalPrompt;
import io.github.describeanything.model.decode.OnnxDecoder;
import io.github.describeanything.model.decode.Sampler;
import io.github.describeanything.model.family.PromptBuilder;
import io.github.describeanything.model.features.RegionFeatures;
import io.github.describeanything.model.features.View;
import io.github.describeanything.model.onnx.Placement;
import io.github.describeanything.model.segment.SubjectMask;
import io.github.describeanything.model.text.Prompt;
import io.github.describeanything.model.text.Tokenizer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The parts of a PAM bundle, for tests of single stages. */
final class PamModel implements AutoCloseable {
    private static final int CONTEXT = 5300;
    /** Below this margin of the best logit rounding may choose another token. */
    private static final double CLEAR = 0.01;

    final Bundle bundle;
    final PamVision vision;
    final PromptBuilder prompts;
    final Tokenizer tokenizer;
    private final Decoder decoder;

    PamModel(String name) {
        bundle = Bundle.open(TestBundles.folder(name));
        tokenizer = Tokenizer.load(bundle.tokenizer(), bundle.manifest().decoder());
        prompts = new PamFamily().prompts(bundle.manifest(), tokenizer);
        vision = new PamVision(bundle, Placement.cpu(2));
        decoder = new OnnxDecoder(bundle, 1, CONTEXT, CONTEXT, Placement.cpu(2));
    }

    int rows() {
        return bundle.manifest().image().tokens();
    }

    /** The marked first frame and the others. */
    List<View> clip(PamCase golden) {
        var views = new ArrayList<View>();
        for (Picture frame : golden.frames()) {
            var view = (PamPicture) vision.view(frame);
            views.add(views.isEmpty() ? view.region(golden.prompt()) : view.frame());
        }
        return views;
    }

    PamView view(PamCase golden) {
        return (PamView) ((PamPicture) vision.view(golden.picture())).region(golden.prompt());
    }

    /** The mask of a region, or of each frame of a clip, before it is enlarged. */
    List<SubjectMask> masks(float[] encoded) {
        return vision.masks(features(encoded));
    }

    /** The mask of a picture's region, in the picture's size. */
    Mask mask(PamCase golden, float[] encoded) {
        var picture = golden.picture();
        return masks(encoded).getFirst().logits().enlarged(picture.width(), picture.height());
    }

    private static RegionFeatures features(float[] encoded) {
        return new RegionFeatures(ByteBuffer.allocate(0), encoded, Duration.ZERO);
    }

    /** The recorded tokens are chosen, without a penalty and with that of the bundle, up to the first close choice. */
    void requirePublishedIds(PamCase golden, float[] encoded) {
        double penalty = bundle.manifest().sampling().repetitionPenalty().orElseThrow();
        var runs = Map.of(
                "greedy_ids",
                SamplingOptions.GREEDY,
                "greedy_ids_with_generation_config",
                SamplingOptions.builder().repetitionPenalty(penalty).build());
        runs.forEach((name, options) -> {
            List<Integer> expected = golden.ints(name).boxed().toList();
            List<Integer> found = chosen(golden, encoded, options, expected.size(), CLEAR);
            assertThat(found).as(name).isNotEmpty().isEqualTo(expected.subList(0, found.size()));
        });
    }

    /** Largest difference of the logits after the prompt, and of the top logits after each forced id. */
    double logitsOff(PamCase golden, float[] embeds) {
        var arrays = golden.arrays();
        int[] forced = arrays.get("forced_ids").ints();
        float[][] logits = logits(golden, embeds, forced);
        double worst = golden.off("logits", logits[0]);
        int[] ids = arrays.get("forced_logits_top_ids").ints();
        float[] top = arrays.get("forced_logits_top").floats();
        int each = ids.length / forced.length;
        for (int i = 0; i < ids.length; i++) {
            worst = Math.max(worst, Math.abs(logits[i / each + 1][ids[i]] - top[i]));
        }
        return worst;
    }

    /** Logits after the prompt and after each of the forced ids. */
    private float[][] logits(PamCase golden, float[] embeds, int[] forced) {
        Prompt prompt = start(golden, embeds);
        var logits = new float[1 + forced.length][decoder.vocabSize()];
        decoder.logits(0, logits[0]);
        for (int i = 0; i < forced.length; i++) {
            next(prompt, i, forced[i], logits[i + 1]);
        }
        return logits;
    }

    /** The tokens that a sampler chooses, before the first of which the two best are closer than {@code clear}. */
    List<Integer> chosen(PamCase golden, float[] embeds, SamplingOptions options, int most, double clear) {
        Prompt prompt = start(golden, embeds);
        var sampler = new Sampler(options);
        var chosen = new ArrayList<Integer>();
        var logits = new float[decoder.vocabSize()];
        decoder.logits(0, logits);
        while (chosen.size() < most) {
            int token = sampler.sample(logits);
            if (margin(logits, token) < clear) {
                break;
            }
            chosen.add(token);
            next(prompt, chosen.size() - 1, token, logits);
        }
        return chosen;
    }

    private Prompt start(PamCase golden, float[] embeds) {
        boolean clip = golden.expected().path("frames").size() > 1;
        var prompt = new Prompt(golden.entries(clip ? bundle.manifest().mostPictureTokens() : rows()));
        decoder.prefill(0, new MultimodalPrompt(prompt, features(embeds)), 0, prompt.tokens());
        return prompt;
    }

    private void next(Prompt prompt, int step, int token, float[] logits) {
        decoder.feed(0, token);
        decoder.decode(1, new int[] {prompt.tokens() + step});
        decoder.logits(0, logits);
    }

    private static double margin(float[] logits, int best) {
        double margin = Double.POSITIVE_INFINITY;
        for (int i = 0; i < logits.length; i++) {
            if (i != best) {
                margin = Math.min(margin, logits[best] - logits[i]);
            }
        }
        return margin;
    }

    @Override
    public void close() {
        decoder.close();
        vision.close();
        tokenizer.close();
    }
}
