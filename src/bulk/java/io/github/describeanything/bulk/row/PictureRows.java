package io.github.describeanything.bulk.row;

import java.util.List;

/**
 * The rows on one picture. Immutable.
 *
 * @param picture its name, which decides the shard and the seed
 */
public record PictureRows(String picture, PictureSource source, List<Row> rows) {
    public PictureRows {
        rows = List.copyOf(rows);
    }

    /** Other rows on the same picture. */
    public PictureRows with(List<Row> others) {
        return new PictureRows(picture, source, others);
    }
}
