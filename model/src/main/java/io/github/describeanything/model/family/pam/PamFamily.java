package io.github.describeanything.model.family.pam;

import io.github.describeanything.model.bundle.Bundle;
import io.github.describeanything.model.bundle.Manifest;
import io.github.describeanything.model.family.ModelFamily;
import io.github.describeanything.model.family.PromptBuilder;
import io.github.describeanything.model.family.RegionVision;
import io.github.describeanything.model.onnx.Placement;
import io.github.describeanything.model.text.Tokenizer;

/** The Perceive Anything Model. Stateless; made by {@link java.util.ServiceLoader}. */
public final class PamFamily implements ModelFamily {
    @Override
    public String name() {
        return "pam";
    }

    @Override
    public PromptBuilder prompts(Manifest manifest, Tokenizer tokenizer) {
        return new PamPrompts(manifest, tokenizer);
    }

    @Override
    public RegionVision vision(Bundle bundle, Placement placement) {
        return new PamVision(bundle, placement);
    }
}
