package io.github.describeanything.model.family.pam;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.MaskBox;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.api.ModelException;
import io.github.describeanything.model.api.RequestException;
import io.github.describeanything.model.family.PromptedView;
import io.github.describeanything.model.features.View;
import io.github.describeanything.model.segment.PictureEncoder;
import io.github.describeanything.model.segment.SegmentPrompt;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/** A picture that is resized once, with its first region. Thread-safe. */
final class PamPicture implements PromptedView {
    private final PictureEncoder encoder;
    private final Picture picture;
    private float[] pixels = {};
    private ByteBuffer key = ByteBuffer.allocate(0);

    PamPicture(PictureEncoder encoder, Picture picture) {
        this.encoder = encoder;
        this.picture = picture;
    }

    /** The mask's tight box, whose far corner is exclusive: the model was not trained on masks. */
    @Override
    public View region(Mask mask) {
        if (mask.width() != picture.width() || mask.height() != picture.height()) {
            throw new IllegalArgumentException("A mask of %d x %d does not fit a picture of %d x %d"
                    .formatted(mask.width(), mask.height(), picture.width(), picture.height()));
        }
        MaskBox box = mask.box().orElseThrow(RequestException::emptyMask);
        return region(SegmentPrompt.box(box.x(), box.y(), box.x() + box.width(), box.y() + box.height()));
    }

    @Override
    public View region(SegmentPrompt prompt) {
        if (prompt.box().isPresent() && !prompt.points().isEmpty()) {
            throw RequestException.invalidValue(
                    "box", "cannot be combined with points: this model takes one of the two");
        }
        prompt.checkOn(picture.width(), picture.height());
        resize();
        return new PamView(pixels, picture, key, Optional.of(prompt));
    }

    @Override
    public View frame() {
        return new PamView(new float[0], picture, digest(), Optional.empty());
    }

    /** Threads with other regions of the picture wait for the first one. */
    private synchronized void resize() {
        if (pixels.length == 0) {
            key = digest();
            pixels = encoder.frameView(picture).values();
        }
    }

    private ByteBuffer digest() {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(ByteBuffer.allocate(2 * Integer.BYTES)
                    .putInt(picture.width())
                    .putInt(picture.height())
                    .flip());
            return ByteBuffer.wrap(sha256.digest(picture.rgba()));
        } catch (NoSuchAlgorithmException e) {
            throw new ModelException("This Java runtime lacks SHA-256", e);
        }
    }
}
