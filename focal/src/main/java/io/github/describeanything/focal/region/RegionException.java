package io.github.describeanything.focal.region;

/** A refused region, with the field at fault; immutable and thread-safe. */
public final class RegionException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String field;

    public RegionException(String field, String message) {
        super(message);
        this.field = field;
    }

    /** The field at fault, by its name in the region: {@code box[2]}, {@code rle.counts}, {@code scribble.width}. */
    public String field() {
        return field;
    }
}
