package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;
import static io.github.describeanything.focal.PictureException.Reason.UNSUPPORTED;

import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The segments of a JPEG that say what its pixels are. Not thread-safe.
 *
 * <p>No thumbnail, EXIF or colour profile is ever parsed. As libjpeg does, bytes between segments are skipped, and files
 * without Huffman tables, such as frames of motion JPEG, get the standard ones. What three or four components mean
 * follows libjpeg too.
 */
final class JpegSegments {
    /** What the components are. */
    enum Colours {
        GRAY,
        RGB,
        YCBCR,
        /** Adobe's: 255 is no ink. Pillow and browsers take files without Adobe's mark so too. */
        INVERTED_CMYK,
        INVERTED_YCCK
    }

    private static final int SOF0 = 0xC0;
    private static final int SOF2 = 0xC2;
    private static final int DHT = 0xC4;
    private static final int RST0 = 0xD0;
    private static final int SOI = 0xD8;
    private static final int EOI = 0xD9;
    private static final int SOS = 0xDA;
    private static final int DQT = 0xDB;
    private static final int DRI = 0xDD;
    private static final int APP0 = 0xE0;
    private static final int APP1 = 0xE1;
    private static final int APP14 = 0xEE;
    private static final int TEM = 0x01;
    /** A progressive file has about ten; each goes over all pixels, so that thousands would cost minutes. */
    private static final int MOST_SCANS = 64;

    private final byte[] encoded;
    private final PictureLimits limits;
    private final ByteArrayOutputStream kept;
    private int width;
    private int height;
    /** Of each component: its identifier, and how many samples it has across and down a block of the frame. */
    private int[][] sampling = {};

    private boolean jfif;
    private int adobeTransform = -1;
    private int scans;
    private boolean ended;
    private Orientation orientation = Orientation.TOP_LEFT;

    private JpegSegments(byte[] encoded, PictureLimits limits) {
        this.encoded = encoded;
        this.limits = limits;
        this.kept = new ByteArrayOutputStream(encoded.length);
    }

    /** @throws PictureException if the file is over the limits or is not of a kind that is decoded */
    static JpegSegments of(byte[] encoded, PictureLimits limits) {
        var segments = new JpegSegments(encoded, limits);
        segments.walk();
        if (segments.scans == 0) {
            throw new PictureException(MALFORMED, "The JPEG has no pixels");
        }
        return segments;
    }

    static Orientation orientation(byte[] encoded) {
        var segments = new JpegSegments(encoded, new PictureLimits(1 << 28, 1 << 16));
        segments.walk();
        return segments.orientation;
    }

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    int components() {
        return sampling.length;
    }

    /** How many times a component's samples are repeated across and down, at least 1 each. */
    int[] enlargement(int component) {
        int most = Arrays.stream(sampling).mapToInt(it -> it[1]).max().orElse(1);
        int mostDown = Arrays.stream(sampling).mapToInt(it -> it[2]).max().orElse(1);
        return new int[] {most / sampling[component][1], mostDown / sampling[component][2]};
    }

    /** Whether the file says where its pixels end. */
    boolean ended() {
        return ended;
    }

    /** What the components are (libjpeg, {@code default_decompress_parms}). */
    Colours colours() {
        return switch (sampling.length) {
            case 1 -> Colours.GRAY;
            case 4 -> adobeTransform > 0 ? Colours.INVERTED_YCCK : Colours.INVERTED_CMYK;
            default -> {
                boolean named = sampling[0][0] == 'R' && sampling[1][0] == 'G' && sampling[2][0] == 'B';
                yield !jfif && (adobeTransform == 0 || adobeTransform < 0 && named) ? Colours.RGB : Colours.YCBCR;
            }
        };
    }

    /** A stream with these segments alone, marked so that no decoder converts its components. */
    byte[] stream() {
        var stream = new ByteArrayOutputStream(kept.size() + 512);
        stream.writeBytes(new byte[] {(byte) 0xFF, (byte) SOI});
        stream.writeBytes(
                new byte[] {(byte) 0xFF, (byte) APP14, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0});
        stream.writeBytes(JpegTables.STANDARD);
        stream.writeBytes(kept.toByteArray());
        stream.writeBytes(new byte[] {(byte) 0xFF, (byte) EOI});
        return stream.toByteArray();
    }

    private void walk() {
        int at = 2;
        while (true) {
            at = nextMarker(at);
            if (at < 0) {
                if (scans == 0) {
                    throw new PictureException(MALFORMED, "The JPEG ends before its pixels");
                }
                return;
            }
            int marker = encoded[at + 1] & 0xFF;
            at += 2;
            if (marker == EOI) {
                ended = true;
                return;
            }
            if (marker == TEM || marker >= RST0 && marker < SOI) {
                continue;
            }
            if (marker == SOI) {
                throw new PictureException(MALFORMED, "The JPEG starts twice");
            }
            at = segment(marker, at);
        }
    }

    /** Where the next marker is: bytes before it and fill bytes are skipped. -1 if there is none. */
    private int nextMarker(int at) {
        for (; at + 1 < encoded.length; at++) {
            if (encoded[at] == (byte) 0xFF && encoded[at + 1] != 0 && encoded[at + 1] != (byte) 0xFF) {
                return at;
            }
        }
        return -1;
    }

    /** Takes the segment whose length is at {@code at}. @return where it ends */
    private int segment(int marker, int at) {
        if (at + 2 > encoded.length || unsigned(at) < 2 || unsigned(at) > encoded.length - at) {
            throw new PictureException(MALFORMED, "The JPEG ends inside a segment");
        }
        int end = at + unsigned(at);
        switch (marker) {
            case DHT, DQT, DRI -> keep(at - 2, end);
            case APP0 -> jfif |= starts(at + 2, "JFIF\0");
            case APP1 -> {
                if (end - at >= 8 && starts(at + 2, "Exif\0\0") && orientation == Orientation.TOP_LEFT) {
                    orientation = Exif.orientation(ByteBuffer.wrap(encoded, at + 8, end - at - 8));
                }
            }
            case APP14 -> {
                if (starts(at + 2, "Adobe") && end - at >= 14) {
                    adobeTransform = encoded[at + 13] & 0xFF;
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
        return end;
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
        int components = encoded[at + 7];
        if (components != 1 && components != 3 && components != 4 || end - at < 8 + 3 * components) {
            throw new PictureException(UNSUPPORTED, "The JPEG has neither one, three nor four components");
        }
        sampling = new int[components][];
        for (int i = 0; i < components; i++) {
            int factors = encoded[at + 9 + 3 * i] & 0xFF;
            sampling[i] = new int[] {encoded[at + 8 + 3 * i] & 0xFF, factors >> 4, factors & 15};
            if (sampling[i][1] < 1 || sampling[i][1] > 4 || sampling[i][2] < 1 || sampling[i][2] > 4) {
                throw new PictureException(MALFORMED, "The JPEG's sampling is not one that JPEG allows");
            }
        }
    }

    /** Where compressed data ends: at the first marker that is neither a stuffed zero nor a restart, or with the file. */
    private int endOfScan(int at) {
        for (int i = at; i + 1 < encoded.length; i++) {
            if (encoded[i] == (byte) 0xFF) {
                int next = encoded[i + 1] & 0xFF;
                if (next != 0 && next != 0xFF && (next < RST0 || next >= SOI)) {
                    return i;
                }
            }
        }
        return encoded.length;
    }

    private int unsigned(int at) {
        return (encoded[at] & 0xFF) << 8 | encoded[at + 1] & 0xFF;
    }

    private boolean starts(int at, String text) {
        byte[] start = text.getBytes(StandardCharsets.ISO_8859_1);
        return at + start.length <= encoded.length
                && Arrays.equals(encoded, at, at + start.length, start, 0, start.length);
    }

    private void keep(int from, int to) {
        kept.write(encoded, from, to - from);
    }
}
