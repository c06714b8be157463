package io.github.describeanything.model.golden;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.model.bundle.Bundle;
import io.github.describeanything.model.decode.Decoder;
import io.github.describeanything.model.decode.MultimodalPrompt;
import io.github.describeanything.model.decode.OnnxDecoder;
import io.github.describeanything.model.family.ModelFamily;
import io.github.describeanything.model.family.PromptBuilder;
import io.github.describeanything.model.family.dam.DamVision;
import io.github.describeanything.model.features.RegionFeatures;
import io.github.describeanything.model.features.View;
import io.github.describeanything.model.onnx.Placement;
import io.github.describeanything.model.text.Prompt;
import io.github.describeanything.model.text.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The parts of a bundle, for tests of single stages. */
final class GoldenModel implements AutoCloseable {
    static final Path BUNDLES = Path.of(System.getProperty("test.bundles"));

    final Bundle bundle;
    final DamVision vision;
    final Decoder decoder;
    final PromptBuilder prompts;
    private final Tokenizer tokenizer;

    GoldenModel(String name) {
        bundle = Bundle.open(BUNDLES.resolve(name));
        var manifest = bundle.manifest();
        var family = ModelFamily.of(manifest);
        tokenizer = Tokenizer.load(bundle.tokenizer(), manifest.decoder());
        prompts = family.prompts(manifest, tokenizer);
        vision = (DamVision) family.vision(bundle, Placement.cpu(2));
        decoder = new OnnxDecoder(bundle, 3, 2048, 2048, Placement.cpu(2));
    }

    List<View> views(GoldenCase golden) {
        return golden.pictures().stream()
                .map(it -> vision.view(it).region(Mask.ofAlpha(it)))
                .toList();
    }

    Prompt prompt(GoldenCase golden) {
        return golden.prompt(bundle.manifest().image().tokens());
    }

    /** Logits after the prompt and after each of the forced ids. */
    float[][] logits(GoldenCase golden, float[] imageEmbeds, int[] forced) {
        var features = new RegionFeatures(ByteBuffer.allocate(0), imageEmbeds, Duration.ZERO);
        var prompt = new MultimodalPrompt(prompt(golden), features);
        var logits = new float[1 + forced.length][decoder.vocabSize()];
        decoder.prefill(0, prompt, 0, prompt.tokens());
        decoder.logits(0, logits[0]);
        for (int i = 0; i < forced.length; i++) {
            decoder.feed(0, forced[i]);
            decoder.decode(1, new int[] {prompt.tokens() + i});
            decoder.logits(0, logits[i + 1]);
        }
        return logits;
    }

    @Override
    public void close() {
        decoder.close();
        vision.close();
        tokenizer.close();
    }
}
