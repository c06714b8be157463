package io.github.describeanything.model.family.pam;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.features.View;
import io.github.describeanything.model.segment.SegmentPrompt;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A picture with a prompt, or a frame of a clip. Immutable. Its values are the picture's pixels, which all its regions share;
 * a frame has none until its turn, because a clip has many.
 */
final class PamView extends View {
    private final Picture picture;
    private final ByteBuffer key;
    private final Optional<SegmentPrompt> prompt;

    /** @param key identifies the picture by content */
    PamView(float[] pixels, Picture picture, ByteBuffer key, Optional<SegmentPrompt> prompt) {
        super(pixels);
        this.picture = picture;
        this.key = key;
        this.prompt = prompt;
    }

    Picture picture() {
        return picture;
    }

    ByteBuffer key() {
        return key;
    }

    SegmentPrompt prompt() {
        return prompt.orElseThrow();
    }

    boolean resized() {
        return values().length > 0;
    }
}
