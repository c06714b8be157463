package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.UNSUPPORTED;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;

/**
 * Decodes one baseline or progressive JPEG of 8 bits with one, three or four components, to the values of libjpeg-turbo.
 * Stateless.
 *
 * <p>The JDK's decoder (libjpeg 6b) unpacks components from a stream of only the segments that say what the pixels are;
 * {@link JpegColours} turns them into colours.
 */
final class Jpeg {
    private Jpeg() {}

    static Decoded decode(byte[] encoded, PictureLimits limits, Samples samples) {
        if (samples == Samples.PRESENCE) {
            throw new PictureException(UNSUPPORTED, "A JPEG's losses blur a mask: send it as PNG");
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
