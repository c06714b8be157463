package io.github.describeanything.bulk.row;

import java.io.IOException;

/** Where the bytes of a picture lie. Thread-safe. */
public interface PictureSource {
    /** No picture: the row brings its own, as batch lines do. */
    PictureSource NONE = new PictureSource() {
        @Override
        public byte[] read() {
            return new byte[0];
        }

        @Override
        public long size() {
            return 0;
        }
    };

    /** The encoded picture. @throws IOException if it is missing or cannot be read; the message names it */
    byte[] read() throws IOException;

    /** Bytes that {@link #read} would return, to plan memory with; 0 if it would find nothing. */
    long size();
}
