package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.UNSUPPORTED;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;

/**
 * Decodes a baseline or progressive 8-bit JPEG with one, three or four components, to the same values as libjpeg-turbo.
 * Stateless.
 *
 * <p>The JDK's decoder (libjpeg 6b) gets a stream of only the segments that define the pixels; {@link JpegColours}
 * converts the components to colours.
 */
final class Jpeg {
    private Jpeg() {}

    static Decoded decode(byte[] encoded, PictureLimits limits, Samples samples) {
        if (samples == Samples.PRESENCE) {
            throw new PictureException(UNSUPPORTED, "JPEG compression blurs the edges of a mask: send it as PNG");
        }
        var header = JpegSegments.of(encoded, limits);
        byte[] components = JpegComponents.of(header);
        byte[] rgba = JpegColours.rgba(components, header.components(), header.colours());
        return new Decoded.Direct(new Picture(header.width(), header.height(), rgba, false));
    }

    static Orientation orientation(byte[] encoded) {
        return JpegSegments.orientation(encoded);
    }
}
