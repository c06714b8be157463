package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;

import io.github.describeanything.focal.PictureException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Iterates over the chunks of a RIFF container, each checked to lie inside it. Not thread-safe. */
final class WebpChunks {
    private final ByteBuffer bytes;
    private String type = "";
    private ByteBuffer body;

    WebpChunks(ByteBuffer bytes) {
        this.bytes = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        this.body = bytes;
    }

    /** Moves to the next chunk. @return false at the end */
    boolean next() {
        if (bytes.remaining() < 8) {
            return false;
        }
        int start = bytes.position();
        long length = Integer.toUnsignedLong(bytes.getInt(start + 4));
        if (length > bytes.remaining() - 8) {
            throw new PictureException(MALFORMED, "The WebP is truncated inside a chunk");
        }
        type = StandardCharsets.ISO_8859_1.decode(bytes.slice(start, 4)).toString();
        body = bytes.slice(start + 8, (int) length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.position((int) Math.min(start + 8 + length + (length & 1), bytes.limit()));
        return true;
    }

    String type() {
        return type;
    }

    /** The chunk's content, in little-endian order. */
    ByteBuffer body() {
        return body;
    }
}
