package io.github.describeanything.model.family.plain;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.bundle.Bundle;
import io.github.describeanything.model.bundle.Manifest;
import io.github.describeanything.model.family.ModelFamily;
import io.github.describeanything.model.family.PromptBuilder;
import io.github.describeanything.model.family.RegionVision;
import io.github.describeanything.model.features.PictureView;
import io.github.describeanything.model.features.View;
import io.github.describeanything.model.onnx.Placement;
import io.github.describeanything.model.text.Prompt;
import io.github.describeanything.model.text.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** A family that encodes only a region's size, in one embedding in front of the question. */
public final class PlainFamily implements ModelFamily {
    @Override
    public String name() {
        return "plain";
    }

    @Override
    public PromptBuilder prompts(Manifest manifest, Tokenizer tokenizer) {
        return (frames, question, limit) ->
                new Prompt(IntStream.concat(IntStream.of(~0), IntStream.of(tokenizer.encode(question)))
                        .toArray());
    }

    @Override
    public RegionVision vision(Bundle bundle, Placement placement) {
        return new Sizes(bundle.manifest().decoder().hiddenSize());
    }

    private record Sizes(int hiddenSize) implements RegionVision {
        @Override
        public PictureView view(Picture picture) {
            return mask -> new View(new float[] {mask.count() / (float) (picture.width() * picture.height())});
        }

        @Override
        public View blank() {
            return new View(new float[1]);
        }

        @Override
        public float[] encode(List<View> views) {
            var embeddings = new float[views.size() * hiddenSize];
            for (int i = 0; i < views.size(); i++) {
                Arrays.fill(
                        embeddings,
                        i * hiddenSize,
                        (i + 1) * hiddenSize,
                        views.get(i).values()[0]);
            }
            return embeddings;
        }

        @Override
        public void reopen() {}

        @Override
        public void close() {}
    }
}
