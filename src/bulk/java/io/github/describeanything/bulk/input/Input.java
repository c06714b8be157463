package io.github.describeanything.bulk.input;

import io.github.describeanything.bulk.row.PictureRows;
import java.io.IOException;
import java.util.Iterator;

/** A dataset. Used by one thread: {@link #scan} first, then {@link #pictures}. Holds no more than an index in memory. */
public interface Input {

    /** Receives each row's id and picture. */
    interface Scan {
        void row(String key, String picture) throws IOException;
    }

    /**
     * Passes over all rows.
     *
     * @throws InputException if the file is not of this format
     */
    void scan(Scan scan) throws IOException;

    /**
     * The pictures with their rows, read as they are asked for.
     *
     * @param ordered in the order of the file: rows of a picture that do not follow each other come apart
     */
    Iterator<PictureRows> pictures(boolean ordered) throws IOException;
}
