package io.github.describeanything.bulk.row;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.OptionalLong;

/**
 * A number for each id, which is known by 128 bits of its SHA-256: at most 96 bytes an id, whatever its length. Used by one
 * thread.
 *
 * <p>Two of a billion ids have the same bits with a probability below 1e-20.
 */
public final class IdIndex {
    private static final int ENTRY = 3;

    private final MessageDigest sha256;
    /** Three longs an entry: the id's bits, both 0 where it is free, and its number. */
    private long[] table = new long[ENTRY << 10];

    private int size;

    public IdIndex() {
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java runtime lacks SHA-256", e);
        }
    }

    /** Notes an id without a number. @return whether it was new */
    public boolean add(String id) {
        return add(id, 0);
    }

    /** Notes an id and its number, unless it is known. @return whether it was new */
    public boolean add(String id, long number) {
        ByteBuffer digest = digest(id);
        if (2 * ENTRY * size >= table.length) {
            grow();
        }
        int place = place(digest.getLong(0), digest.getLong(8));
        if (isTaken(place)) {
            return false;
        }
        put(place, digest.getLong(0), digest.getLong(8), number);
        size++;
        return true;
    }

    public boolean contains(String id) {
        return number(id).isPresent();
    }

    /** The number of an id, if it is known. */
    public OptionalLong number(String id) {
        ByteBuffer digest = digest(id);
        int place = place(digest.getLong(0), digest.getLong(8));
        return isTaken(place) ? OptionalLong.of(table[place + 2]) : OptionalLong.empty();
    }

    private ByteBuffer digest(String id) {
        return ByteBuffer.wrap(sha256.digest(id.getBytes(StandardCharsets.UTF_8)));
    }

    private void put(int place, long high, long low, long number) {
        table[place] = high;
        table[place + 1] = low;
        table[place + 2] = number;
    }

    private boolean isTaken(int place) {
        return table[place] != 0 || table[place + 1] != 0;
    }

    /** Where this entry is, or the free place where it belongs. */
    private int place(long high, long low) {
        int entries = table.length / ENTRY;
        int entry = (int) high & entries - 1;
        while (isTaken(ENTRY * entry) && (table[ENTRY * entry] != high || table[ENTRY * entry + 1] != low)) {
            entry = entry + 1 & entries - 1;
        }
        return ENTRY * entry;
    }

    private void grow() {
        long[] old = table;
        table = new long[2 * old.length];
        for (int i = 0; i < old.length; i += ENTRY) {
            if (old[i] != 0 || old[i + 1] != 0) {
                put(place(old[i], old[i + 1]), old[i], old[i + 1], old[i + 2]);
            }
        }
    }
}
