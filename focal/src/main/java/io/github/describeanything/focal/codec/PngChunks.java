package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;
import static io.github.describeanything.focal.PictureException.Reason.UNSUPPORTED;

import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of a PNG that define its pixels, with verified checksums. All others (text, profiles, animation) are
 * skipped, so nothing in them is ever inflated. Immutable, but its buffers are not: not thread-safe.
 *
 * <p>As in libpng, ancillary chunks may have wrong checksums, and the file may be truncated after its pixels. A wrong
 * checksum of tRNS is an error, since transparency defines the mask.
 *
 * @param palette R, G, B of each entry, or null if there is none
 * @param transparency the tRNS chunk, or null if there is none
 * @param data the contents of the IDAT chunks
 */
record PngChunks(PngHeader header, byte @Nullable [] palette, byte @Nullable [] transparency, List<ByteBuffer> data) {
    private static final int SIGNATURE = 8;
    private static final int FRAME = 12;
    private static final Set<String> CHECKED = Set.of("IHDR", "PLTE", "tRNS", "IDAT");

    /** Reads the chunks up to IEND, or to the end of a file that is truncated after its pixels. */
    static PngChunks of(byte[] encoded, PictureLimits limits) {
        PngHeader header = null;
        byte[] palette = null;
        byte[] transparency = null;
        var data = new ArrayList<ByteBuffer>();
        var chunks = new Walk(encoded);
        while (chunks.next()) {
            if (header == null) {
                if (!chunks.type.equals("IHDR")) {
                    throw new PictureException(MALFORMED, "The PNG does not start with its header");
                }
                header = PngHeader.of(chunks.body, limits);
                continue;
            }
            switch (chunks.type) {
                case "PLTE" -> palette = content(chunks.body);
                case "tRNS" -> transparency = content(chunks.body);
                case "IDAT" -> data.add(chunks.body);
                default -> {
                    // An upper-case first letter marks a critical chunk (PNG, section 5.4).
                    if (chunks.type.charAt(0) < 'a') {
                        throw new PictureException(UNSUPPORTED, "The PNG has an unknown critical chunk");
                    }
                }
            }
        }
        if (header == null || data.isEmpty()) {
            throw new PictureException(MALFORMED, "The PNG is truncated: pixels are missing");
        }
        return new PngChunks(header, palette, transparency, data);
    }

    /** The EXIF block of a file that {@link #of} reads, or null if it has none. */
    static @Nullable ByteBuffer exif(byte[] encoded) {
        var chunks = new Walk(encoded);
        while (chunks.next()) {
            if (chunks.type.equals("eXIf")) {
                return chunks.body;
            }
        }
        return null;
    }

    /** Iterates over the chunks. */
    private static final class Walk {
        private final ByteBuffer bytes;
        private boolean pixels;
        private String type = "";
        private ByteBuffer body;

        Walk(byte[] encoded) {
            bytes = ByteBuffer.wrap(encoded).position(SIGNATURE);
            body = bytes.slice();
        }

        /** Moves to the next chunk. @return false at IEND or the end of the file */
        boolean next() {
            if (bytes.remaining() < FRAME) {
                return false;
            }
            int start = bytes.position();
            int length = bytes.getInt(start);
            type = StandardCharsets.ISO_8859_1.decode(bytes.slice(start + 4, 4)).toString();
            if (length < 0 || length > bytes.remaining() - FRAME) {
                if (pixels && !CHECKED.contains(type)) {
                    return false;
                }
                throw new PictureException(MALFORMED, "The PNG is truncated inside a chunk");
            }
            body = bytes.slice(start + 8, length);
            var crc = new CRC32();
            crc.update(bytes.slice(start + 4, 4 + length));
            if (CHECKED.contains(type) && (int) crc.getValue() != bytes.getInt(start + 8 + length)) {
                throw new PictureException(MALFORMED, "A checksum in the PNG is wrong");
            }
            pixels |= type.equals("IDAT");
            bytes.position(start + FRAME + length);
            return !type.equals("IEND");
        }
    }

    private static byte[] content(ByteBuffer body) {
        var bytes = new byte[body.remaining()];
        body.get(bytes);
        return bytes;
    }
}
