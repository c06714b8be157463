package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;
import static io.github.describeanything.focal.PictureException.Reason.UNSUPPORTED;

import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;

/**
 * Decodes one gray or YCbCr JPEG of 8 bits. Not thread-safe.
 *
 * <p>The JDK's decoder is given only the segments that say what the pixels are: no thumbnail, EXIF or colour profile is
 * ever parsed. Which colours three components mean follows libjpeg, and so Pillow, where the JDK would guess otherwise.
 */
final class Jpeg {
    private static final int SOF0 = 0xC0;
    private static final int SOF2 = 0xC2;
    private static final int DHT = 0xC4;
    private static final int EOI = 0xD9;
    private static final int SOS = 0xDA;
    private static final int DQT = 0xDB;
    private static final int DRI = 0xDD;
    private static final int APP0 = 0xE0;
    private static final int APP14 = 0xEE;
    /** A progressive file has about ten; each goes over all pixels, so that thousands would cost minutes. */
    private static final int MOST_SCANS = 64;

    private static final byte[] JFIF = {
        (byte) 0xFF, (byte) APP0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0
    };
    private static final List<Integer> RGB = List.of((int) 'R', (int) 'G', (int) 'B');

    private final byte[] encoded;
    private final PictureLimits limits;
    private final ByteArrayOutputStream kept;
    private int width;
    private int height;
    private int components;
    private boolean namedRgb;
    private boolean jfif;
    private byte[] adobe = {};
    private int scans;

    private Jpeg(byte[] encoded, PictureLimits limits) {
        this.encoded = encoded;
        this.limits = limits;
        this.kept = new ByteArrayOutputStream(encoded.length);
    }

    static Picture decode(byte[] encoded, PictureLimits limits, Samples samples) {
        if (samples == Samples.PRESENCE) {
            throw new PictureException(UNSUPPORTED, "A JPEG's losses blur a mask: send it as PNG");
        }
        var jpeg = new Jpeg(encoded, limits);
        jpeg.walk();
        return Rasters.read(
                reader(), new ByteArrayImageInputStream(jpeg.filtered()), jpeg.width, jpeg.height, false, samples);
    }

    private static ImageReader reader() {
        for (Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName("jpeg"); readers.hasNext(); ) {
            ImageReader reader = readers.next();
            if (reader.getClass().getModule() == ImageReader.class.getModule()) {
                return reader;
            }
        }
        throw new PictureException(UNSUPPORTED, "This Java runtime cannot decode JPEG");
    }

    private byte[] filtered() {
        var whole = new ByteArrayOutputStream(kept.size() + JFIF.length + 2);
        whole.write(0xFF);
        whole.write(0xD8);
        if (jfif || adobe.length == 0 && !namedRgb) {
            whole.writeBytes(JFIF);
        } else {
            whole.writeBytes(adobe);
        }
        whole.writeBytes(kept.toByteArray());
        return whole.toByteArray();
    }

    private void walk() {
        int at = 2;
        while (true) {
            int marker = marker(at);
            at = skipFill(at) + 2;
            if (marker == EOI) {
                if (scans == 0) {
                    throw new PictureException(MALFORMED, "The JPEG has no pixels");
                }
                keep(at - 2, at);
                return;
            }
            int end = at + length(at);
            switch (marker) {
                case DHT, DQT, DRI -> keep(at - 2, end);
                case APP0 -> jfif |= starts(at + 2, "JFIF\0");
                case APP14 -> {
                    if (starts(at + 2, "Adobe")) {
                        adobe = Arrays.copyOfRange(encoded, at - 2, end);
                    }
                }
                case SOS -> {
                    if (width == 0 || ++scans > MOST_SCANS) {
                        throw new PictureException(MALFORMED, "The JPEG's scans are not ones that JPEG allows");
                    }
                    end = endOfScan(end);
                    keep(at - 2, end);
                }
                default -> {
                    if (marker >= SOF0 && marker <= 0xCF) {
                        frame(marker, at, end);
                        keep(at - 2, end);
                    }
                }
            }
            at = end;
        }
    }

    private void frame(int marker, int at, int end) {
        if (marker > SOF2 || end - at < 8 || encoded[at + 2] != 8) {
            throw new PictureException(UNSUPPORTED, "The JPEG is neither baseline nor progressive of 8 bits");
        }
        if (width != 0) {
            throw new PictureException(MALFORMED, "The JPEG has more than one header");
        }
        limits.check(unsigned(at + 5), unsigned(at + 3));
        height = unsigned(at + 3);
        width = unsigned(at + 5);
        components = encoded[at + 7];
        if (components == 4) {
            throw new PictureException(UNSUPPORTED, "The JPEG is CMYK: send an RGB picture");
        }
        if (components != 1 && components != 3 || end - at != 8 + 3 * components) {
            throw new PictureException(MALFORMED, "The JPEG is neither gray nor a colour picture");
        }
        namedRgb = components == 3
                && RGB.equals(List.of((int) encoded[at + 8], (int) encoded[at + 11], (int) encoded[at + 14]));
    }

    /** Where compressed data ends: at the first marker that is neither a stuffed zero nor a restart. */
    private int endOfScan(int at) {
        for (int i = at; i + 1 < encoded.length; i++) {
            if (encoded[i] == (byte) 0xFF) {
                int next = encoded[i + 1] & 0xFF;
                if (next != 0 && next != 0xFF && (next < 0xD0 || next > 0xD7)) {
                    return i;
                }
            }
        }
        throw new PictureException(MALFORMED, "The JPEG ends inside its pixels");
    }

    private int skipFill(int at) {
        while (at + 1 < encoded.length && encoded[at + 1] == (byte) 0xFF) {
            at++;
        }
        return at;
    }

    private int marker(int at) {
        at = skipFill(at);
        if (at + 1 >= encoded.length) {
            throw new PictureException(MALFORMED, "The JPEG ends before its last segment");
        }
        if (encoded[at] != (byte) 0xFF) {
            throw new PictureException(MALFORMED, "The JPEG has bytes between its segments");
        }
        return encoded[at + 1] & 0xFF;
    }

    private int length(int at) {
        if (at + 2 > encoded.length || unsigned(at) < 2 || unsigned(at) > encoded.length - at) {
            throw new PictureException(MALFORMED, "The JPEG ends inside a segment");
        }
        return unsigned(at);
    }

    private int unsigned(int at) {
        return (encoded[at] & 0xFF) << 8 | encoded[at + 1] & 0xFF;
    }

    private boolean starts(int at, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (at + i >= encoded.length || encoded[at + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private void keep(int from, int to) {
        kept.write(encoded, from, to - from);
    }
}
