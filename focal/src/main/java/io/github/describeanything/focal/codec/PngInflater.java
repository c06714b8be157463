package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;

import io.github.describeanything.focal.PictureException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Inflates a PNG's IDAT chunks row by row, and no more than the header announces. Not thread-safe. */
final class PngInflater implements AutoCloseable {
    private final Inflater inflater = new Inflater();
    private final Iterator<ByteBuffer> pieces;

    PngInflater(List<ByteBuffer> pieces) {
        this.pieces = pieces.iterator();
    }

    /** Fills the first {@code length} bytes of {@code row}. */
    void fill(byte[] row, int length) {
        try {
            int filled = 0;
            while (filled < length) {
                int got = inflater.inflate(row, filled, length - filled);
                filled += got;
                if (got > 0) {
                    continue;
                }
                if (inflater.finished() || inflater.needsDictionary() || !pieces.hasNext()) {
                    throw new PictureException(MALFORMED, "The PNG has fewer pixels than its header says");
                }
                if (inflater.needsInput()) {
                    inflater.setInput(pieces.next());
                }
            }
        } catch (DataFormatException e) {
            throw new PictureException(MALFORMED, "The PNG's pixels cannot be decompressed", e);
        }
    }

    @Override
    public void close() {
        inflater.close();
    }
}
