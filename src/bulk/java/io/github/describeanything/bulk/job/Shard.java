package io.github.describeanything.bulk.job;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * A part of the input: the pictures whose hash, modulo {@code count}, is {@code index}. Immutable. All rows on a picture are
 * in one shard.
 */
public record Shard(int index, int count) {
    /** Everything. */
    public static final Shard ALL = new Shard(0, 1);

    public Shard {
        if (index < 0 || index >= count) {
            throw new IllegalArgumentException("--shard is i/n with i from 0 to n - 1, such as 0/4");
        }
    }

    /** Reads {@code i/n}. @throws IllegalArgumentException if it is not that */
    public static Shard of(String text) {
        String[] parts = text.split("/", -1);
        if (parts.length != 2 || !parts[0].matches("\\d{1,9}") || !parts[1].matches("\\d{1,9}")) {
            throw new IllegalArgumentException("--shard is i/n with i from 0 to n - 1, such as 0/4");
        }
        return new Shard(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
    }

    boolean has(String picture) {
        var crc = new CRC32();
        crc.update(picture.getBytes(StandardCharsets.UTF_8));
        return crc.getValue() % count == index;
    }
}
