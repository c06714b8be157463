package io.github.describeanything.model.golden;

import io.github.describeanything.model.bundle.Bundle;
import io.github.describeanything.model.decode.Decoder;
import io.github.describeanything.model.decode.OnnxDecoder;
import io.github.describeanything.model.decode.Splice;
import io.github.describeanything.model.onnx.Graph;
import io.github.describeanything.model.onnx.Placement;
import io.github.describeanything.model.text.Prompt;
import io.github.describeanything.model.text.PromptTemplate;
import io.github.describeanything.model.text.Tokenizer;
import io.github.describeanything.model.text.Vocabulary;
import io.github.describeanything.model.vision.Preprocessor;
import io.github.describeanything.model.vision.RegionFeatures;
import io.github.describeanything.model.vision.VisionEncoder;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The parts of a bundle, to be looked at one by one. */
final class GoldenModel implements AutoCloseable {
    static final Path BUNDLES = Path.of(System.getProperty("test.bundles"));

    final Bundle bundle;
    final Preprocessor preprocessor;
    final VisionEncoder vision;
    final Decoder decoder;
    final PromptTemplate prompts;
    private final Tokenizer tokenizer;

    GoldenModel(String name) {
        bundle = Bundle.open(BUNDLES.resolve(name));
        var manifest = bundle.manifest();
        tokenizer = Tokenizer.load(bundle.file("tokenizer.json"));
        var vocabulary = Vocabulary.load(bundle.file("tokenizer.json"), manifest.decoder());
        prompts = new PromptTemplate(manifest, tokenizer, vocabulary.longestPiece());
        preprocessor = new Preprocessor(Graph.load(bundle.file("preprocess.onnx"), Placement.cpu(1)));
        vision = new VisionEncoder(
                () -> Graph.load(bundle.file("vision.onnx"), Placement.cpu(2)),
                manifest.image().size());
        decoder = new OnnxDecoder(bundle, 3, 2048, 2048, Placement.cpu(2));
    }

    List<float[]> views(GoldenCase golden) {
        return golden.pictures().stream().map(preprocessor::views).toList();
    }

    /** Logits after the prompt and, one by one, after each of the forced ids. */
    float[][] logits(GoldenCase golden, float[] imageEmbeds, int[] forced) {
        int[] ids = golden.inputIds().stream().mapToInt(Integer::intValue).toArray();
        var features = new RegionFeatures(ByteBuffer.allocate(0), imageEmbeds, Duration.ZERO, Duration.ZERO);
        Splice splice = Splice.of(
                new Prompt(ids, golden.positions()),
                features,
                bundle.manifest().image().tokens());
        var logits = new float[1 + forced.length][decoder.vocabSize()];
        decoder.prefill(0, splice, 0, splice.positions());
        decoder.logits(0, logits[0]);
        for (int i = 0; i < forced.length; i++) {
            decoder.feed(0, forced[i]);
            decoder.decode(1, new int[] {splice.positions() + i});
            decoder.logits(0, logits[i + 1]);
        }
        return logits;
    }

    @Override
    public void close() {
        decoder.close();
        vision.close();
        preprocessor.close();
        tokenizer.close();
    }
}
