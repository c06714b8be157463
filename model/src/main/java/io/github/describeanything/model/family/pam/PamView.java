package io.github.describeanything.model.family.pam;

import io.github.describeanything.model.features.View;
import io.github.describeanything.model.segment.SegmentPrompt;
import java.nio.ByteBuffer;

/** A prompt on a picture; its values are the picture's pixels, which all its regions share. Immutable. */
final class PamView extends View {
    private final ByteBuffer picture;
    private final SegmentPrompt prompt;
    private final int width;
    private final int height;

    /**
     * @param picture identifies the picture by content
     * @param width of the picture, whose pixels the prompt counts
     */
    PamView(float[] pixels, ByteBuffer picture, SegmentPrompt prompt, int width, int height) {
        super(pixels);
        this.picture = picture;
        this.prompt = prompt;
        this.width = width;
        this.height = height;
    }

    ByteBuffer picture() {
        return picture;
    }

    SegmentPrompt prompt() {
        return prompt;
    }

    int width() {
        return width;
    }

    int height() {
        return height;
    }
}
