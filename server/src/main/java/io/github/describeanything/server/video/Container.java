package io.github.describeanything.server.video;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/** The file formats that are read, told apart by their first bytes. */
enum Container {
    MP4("mov"),
    MATROSKA("matroska"),
    GIF("gif");

    /** Boxes that MP4 and MOV files begin with. */
    private static final Set<String> BOXES = Set.of("ftyp", "moov", "mdat", "wide", "free", "skip", "pnot");

    private static final byte[] EBML = {0x1A, 0x45, (byte) 0xDF, (byte) 0xA3};
    private static final int HEAD = 8;

    private final String demuxer;

    Container(String demuxer) {
        this.demuxer = demuxer;
    }

    /** Ffmpeg's name. */
    String demuxer() {
        return demuxer;
    }

    /** Empty for any other file, playlists and pictures included. */
    static Optional<Container> of(byte[] encoded) {
        if (encoded.length < HEAD) {
            return Optional.empty();
        }
        if (Arrays.equals(encoded, 0, EBML.length, EBML, 0, EBML.length)) {
            return Optional.of(MATROSKA);
        }
        var head = new String(encoded, 0, HEAD, StandardCharsets.ISO_8859_1);
        if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) {
            return Optional.of(GIF);
        }
        return BOXES.contains(head.substring(4)) ? Optional.of(MP4) : Optional.empty();
    }
}
