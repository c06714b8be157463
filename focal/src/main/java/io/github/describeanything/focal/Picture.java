package io.github.describeanything.focal;

import java.util.Objects;
import java.util.Optional;

/**
 * A decoded picture as straight (not premultiplied) RGBA bytes; immutable and thread-safe as long as no caller writes
 * to {@link #rgba()}.
 *
 * @param width in pixels, at least 1
 * @param height in pixels, at least 1
 * @param rgba {@code height * width * 4} bytes, row by row from the top, each pixel R, G, B, A
 * @param hasAlpha whether the source has an alpha channel; if not, every alpha byte is 255
 */
public record Picture(int width, int height, byte[] rgba, boolean hasAlpha) {
    public Picture {
        Objects.requireNonNull(rgba);
        if (width < 1 || height < 1 || rgba.length != 4L * width * height) {
            throw new IllegalArgumentException(
                    "A picture of " + width + " x " + height + " does not have " + rgba.length + " bytes");
        }
    }

    /**
     * The mask in the alpha channel: the pixels whose alpha is above 0, which may be none or all. Empty if the source
     * has no alpha channel.
     */
    public Optional<Mask> mask() {
        return hasAlpha ? Optional.of(Mask.ofAlpha(this)) : Optional.empty();
    }

    /** The same colours under another mask: alpha 255 inside it, 0 outside. */
    public Picture withMask(Mask mask) {
        if (mask.width() != width || mask.height() != height) {
            throw new IllegalArgumentException("A mask of " + mask.width() + " x " + mask.height()
                    + " does not fit a picture of " + width + " x " + height);
        }
        var masked = rgba.clone();
        for (int pixel = 0; pixel < width * height; pixel++) {
            masked[4 * pixel + 3] = mask.get(pixel) ? (byte) 255 : 0;
        }
        return new Picture(width, height, masked, true);
    }
}
