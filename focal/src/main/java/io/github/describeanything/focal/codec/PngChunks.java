package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;
import static io.github.describeanything.focal.PictureException.Reason.UNSUPPORTED;

import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of a PNG that say what its pixels are, with every checksum verified; the rest (text, profiles, animation)
 * is passed over unread, so that nothing compressed in it is ever inflated. Immutable, but its buffers are not: not
 * thread-safe.
 *
 * @param palette R, G, B by turns, or null where there is none
 * @param transparency the tRNS chunk, or null where there is none
 * @param data the pieces of the compressed pixels
 */
record PngChunks(PngHeader header, byte @Nullable [] palette, byte @Nullable [] transparency, List<ByteBuffer> data) {
    private static final int SIGNATURE = 8;
    private static final int FRAME = 12;

    /** Walks the chunks to IEND; what follows that is never looked at. */
    static PngChunks of(byte[] encoded, PictureLimits limits) {
        var bytes = ByteBuffer.wrap(encoded);
        bytes.position(SIGNATURE);
        PngHeader header = null;
        byte[] palette = null;
        byte[] transparency = null;
        var data = new ArrayList<ByteBuffer>();
        while (true) {
            if (bytes.remaining() < FRAME) {
                throw new PictureException(MALFORMED, "The PNG ends before its last chunk");
            }
            int length = bytes.getInt();
            if (length < 0 || length > bytes.remaining() - 8) {
                throw new PictureException(MALFORMED, "The PNG ends inside a chunk");
            }
            ByteBuffer checked = bytes.slice(bytes.position(), 4 + length);
            String type = StandardCharsets.ISO_8859_1
                    .decode(bytes.slice(bytes.position(), 4))
                    .toString();
            ByteBuffer body = bytes.slice(bytes.position() + 4, length);
            bytes.position(bytes.position() + 4 + length);
            var crc = new CRC32();
            crc.update(checked);
            if ((int) crc.getValue() != bytes.getInt()) {
                throw new PictureException(MALFORMED, "A checksum in the PNG is wrong");
            }
            if (header == null) {
                if (!type.equals("IHDR")) {
                    throw new PictureException(MALFORMED, "The PNG does not start with its header");
                }
                header = PngHeader.of(body, limits);
                continue;
            }
            switch (type) {
                case "PLTE" -> palette = content(body);
                case "tRNS" -> transparency = content(body);
                case "IDAT" -> data.add(body);
                case "IEND" -> {
                    return new PngChunks(header, palette, transparency, data);
                }
                default -> {
                    // An upper-case first letter marks what a decoder must understand (PNG, section 5.4).
                    if (type.charAt(0) < 'a') {
                        throw new PictureException(UNSUPPORTED, "The PNG has a critical chunk that is not known");
                    }
                }
            }
        }
    }

    private static byte[] content(ByteBuffer body) {
        var bytes = new byte[body.remaining()];
        body.get(bytes);
        return bytes;
    }
}
