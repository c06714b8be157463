package io.github.describeanything.model.family.dam;

import io.github.describeanything.model.bundle.Bundle;
import io.github.describeanything.model.bundle.Manifest;
import io.github.describeanything.model.family.ModelFamily;
import io.github.describeanything.model.family.PromptBuilder;
import io.github.describeanything.model.family.RegionVision;
import io.github.describeanything.model.onnx.Placement;
import io.github.describeanything.model.text.Tokenizer;

/** The Describe Anything Model. Stateless; made by {@link java.util.ServiceLoader}. */
public final class DamFamily implements ModelFamily {
    @Override
    public String name() {
        return "dam";
    }

    @Override
    public PromptBuilder prompts(Manifest manifest, Tokenizer tokenizer) {
        return new DamPrompts(manifest, tokenizer);
    }

    @Override
    public RegionVision vision(Bundle bundle, Placement placement) {
        return new DamVision(bundle, placement);
    }
}
