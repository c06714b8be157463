package io.github.describeanything.model.decode;

import io.github.describeanything.model.features.RegionFeatures;
import io.github.describeanything.model.text.Prompt;
import java.nio.ByteBuffer;

/** A prompt with the features of its region. Immutable. */
public record MultimodalPrompt(Prompt prompt, RegionFeatures features) {

    /** One for each token: a token id, or {@code ~row} for a row of the features; do not change. */
    public int[] entries() {
        return prompt.entries();
    }

    public int tokens() {
        return prompt.tokens();
    }

    /** Identifies the pictures and masks of the features. */
    public ByteBuffer key() {
        return features.key();
    }
}
