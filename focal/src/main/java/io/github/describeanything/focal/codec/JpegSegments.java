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
 * The segments of a JPEG that define its pixels and its orientation. Not thread-safe.
 *
 * <p>Thumbnails and colour profiles are never parsed, and of EXIF only the orientation. As in libjpeg, stray bytes
 * between segments are skipped, files without Huffman tables (frames of motion JPEG) get the standard ones, and the
 * same rules choose the colour space of three or four components.
 */
final class JpegSegments {
    /** The colour space of the components. */
    enum Colours {
        GRAY,
        RGB,
        YCBCR,
        /** Adobe's convention: 255 is no ink. Like Pillow and browsers, assumed even without Adobe's marker. */
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
    /** A progressive file has about ten scans. Each visits every pixel, so thousands would take minutes. */
    private static final int MAX_SCANS = 64;

    private final byte[] encoded;
    private final PictureLimits limits;
    private final ByteArrayOutputStream kept;
    private int width;
    private int height;
    /** For each component: its identifier, and its horizontal and vertical sampling factors. */
    private int[][] sampling = {};

    private boolean progressive;
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

    /** @throws PictureException if the file is damaged, of an unsupported kind, or over the limits */
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

    /** How much a component is upsampled horizontally and vertically, at least 1 each. */
    int[] enlargement(int component) {
        int most = Arrays.stream(sampling).mapToInt(it -> it[1]).max().orElse(1);
        int mostDown = Arrays.stream(sampling).mapToInt(it -> it[2]).max().orElse(1);
        return new int[] {most / sampling[component][1], mostDown / sampling[component][2]};
    }

    /** Whether the file has an end marker. */
    boolean ended() {
        return ended;
    }

    /** The colour space of the components (libjpeg, {@code default_decompress_parms}). */
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

    /** A stream of only these segments, marked so that the decoder does not convert colours. */
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
                // Without an end marker, a progressive file may lack scans.
                if (scans == 0 || progressive) {
                    throw new PictureException(MALFORMED, "The JPEG is truncated: pixels are missing");
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

    /** The position of the next marker, after stray and fill bytes; -1 if there is none. */
    private int nextMarker(int at) {
        for (; at + 1 < encoded.length; at++) {
            if (encoded[at] == (byte) 0xFF && encoded[at + 1] != 0 && encoded[at + 1] != (byte) 0xFF) {
                return at;
            }
        }
        return -1;
    }

    /** Reads the segment whose length is at {@code at}. @return its end */
    private int segment(int marker, int at) {
        if (at + 2 > encoded.length || unsigned(at) < 2 || unsigned(at) > encoded.length - at) {
            throw new PictureException(MALFORMED, "The JPEG is truncated inside a segment");
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
                if (width == 0 || ++scans > MAX_SCANS) {
                    throw new PictureException(MALFORMED, "The JPEG has scans before its header, or too many of them");
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
            throw new PictureException(UNSUPPORTED, "Only baseline and progressive JPEGs of 8 bits are supported");
        }
        if (width != 0) {
            throw new PictureException(MALFORMED, "The JPEG has more than one header");
        }
        limits.check(unsigned(at + 5), unsigned(at + 3));
        progressive = marker == SOF2;
        height = unsigned(at + 3);
        width = unsigned(at + 5);
        int components = encoded[at + 7];
        if (components != 1 && components != 3 && components != 4 || end - at < 8 + 3 * components) {
            throw new PictureException(UNSUPPORTED, "Only JPEGs with one, three or four components are supported");
        }
        sampling = new int[components][];
        for (int i = 0; i < components; i++) {
            int factors = encoded[at + 9 + 3 * i] & 0xFF;
            sampling[i] = new int[] {encoded[at + 8 + 3 * i] & 0xFF, factors >> 4, factors & 15};
            if (sampling[i][1] < 1 || sampling[i][1] > 4 || sampling[i][2] < 1 || sampling[i][2] > 4) {
                throw new PictureException(MALFORMED, "The JPEG has invalid sampling factors");
            }
        }
    }

    /**
     * The end of the compressed data: the first marker other than a stuffed zero or a restart, or the end of the file.
     */
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
