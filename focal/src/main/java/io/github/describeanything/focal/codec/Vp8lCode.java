package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;

import io.github.describeanything.focal.PictureException;
import java.util.Arrays;

/**
 * A prefix code of lossless WebP (RFC 9649, section 3.7.2). Short codes are looked up in a table, longer ones by their
 * value, since codes of the same length are consecutive. Immutable.
 */
final class Vp8lCode {
    private static final int LONGEST = 15;
    private static final int LOOKED_UP = 8;
    private static final int OVERHEAD = 256;
    /** No entry: symbols are below 4095. */
    private static final char LONGER = 0xFFFF;

    private static final int[] LENGTHS_ORDER = {17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    private static final int FIRST_REPEATED = 8;

    private final int lookupBits;
    /** Indexed by the next bits: symbol times 16 plus length, or {@link #LONGER}. */
    private final char[] lookup;
    /** Indexed by length: one more than the last code of that length. */
    private final int[] limits;
    /** Indexed by length: the difference between a code and the index of its symbol. */
    private final int[] offsets;
    /** Sorted by the length of their codes, then by value. */
    private final char[] symbols;

    /** Builds the code from the length of each symbol, 0 for unused ones; a single symbol takes no bits. */
    private Vp8lCode(int[] lengths) {
        var counts = new int[LONGEST + 1];
        for (int length : lengths) {
            counts[length]++;
        }
        int used = lengths.length - counts[0];
        counts[0] = 0;
        if (used == 1) {
            Arrays.fill(counts, 0);
            counts[0] = 1;
        }
        limits = new int[LONGEST + 1];
        offsets = new int[LONGEST + 1];
        var places = new int[LONGEST + 1];
        int code = 0;
        int place = 0;
        int longest = 0;
        for (int length = 0; length <= LONGEST; length++) {
            code <<= 1;
            offsets[length] = place - code;
            places[length] = place;
            code += counts[length];
            place += counts[length];
            limits[length] = code;
            longest = counts[length] > 0 ? length : longest;
        }
        if (code != 1 << LONGEST) {
            throw new PictureException(MALFORMED, "The WebP has an incomplete prefix code");
        }
        symbols = new char[used];
        for (int symbol = 0; symbol < lengths.length; symbol++) {
            if (lengths[symbol] > 0) {
                symbols[used == 1 ? 0 : places[lengths[symbol]]++] = (char) symbol;
            }
        }
        // Codes of few symbols get small tables, so that many codes in a small file do not take much memory.
        lookupBits = Math.min(Math.min(longest, LOOKED_UP), Integer.SIZE - Integer.numberOfLeadingZeros(used) + 1);
        lookup = new char[1 << lookupBits];
        Arrays.fill(lookup, LONGER);
        for (int length = 0; length <= lookupBits; length++) {
            for (int each = limits[length] - counts[length]; each < limits[length]; each++) {
                int reversed = (int) (Integer.toUnsignedLong(Integer.reverse(each)) >>> Integer.SIZE - length);
                for (int at = reversed; at < lookup.length; at += 1 << length) {
                    lookup[at] = (char) (symbols[offsets[length] + each] << 4 | length);
                }
            }
        }
    }

    /** Approximate size in memory, in bytes. */
    int bytes() {
        return OVERHEAD + Character.BYTES * (lookup.length + symbols.length);
    }

    /** Reads a code for symbols 0 to {@code lengths.length - 1}; overwrites the array. */
    static Vp8lCode read(Vp8lBits bits, int[] lengths) {
        Arrays.fill(lengths, 0);
        if (bits.flag()) {
            boolean two = bits.flag();
            one(lengths, bits.read(bits.flag() ? 8 : 1));
            if (two) {
                one(lengths, bits.read(8));
            }
        } else {
            readLengths(bits, lengths);
        }
        return new Vp8lCode(lengths);
    }

    private static void one(int[] lengths, int symbol) {
        if (symbol >= lengths.length) {
            throw new PictureException(MALFORMED, "The WebP has a prefix code for an unknown symbol");
        }
        lengths[symbol] = 1;
    }

    private static void readLengths(Vp8lBits bits, int[] lengths) {
        var ofLengths = new int[LENGTHS_ORDER.length];
        int count = 4 + bits.read(4);
        for (int i = 0; i < count; i++) {
            ofLengths[LENGTHS_ORDER[i]] = bits.read(3);
        }
        var code = new Vp8lCode(ofLengths);
        int reads = bits.flag() ? 2 + bits.read(2 + 2 * bits.read(3)) : lengths.length;
        if (reads > lengths.length) {
            throw new PictureException(MALFORMED, "The WebP has a prefix code of too many symbols");
        }
        int symbol = 0;
        int last = FIRST_REPEATED;
        for (; reads > 0 && symbol < lengths.length; reads--) {
            int length = code.next(bits);
            if (length <= LONGEST) {
                lengths[symbol++] = length;
                last = length == 0 ? last : length;
                continue;
            }
            int times = length == 16 ? 3 + bits.read(2) : length == 17 ? 3 + bits.read(3) : 11 + bits.read(7);
            if (times > lengths.length - symbol) {
                throw new PictureException(MALFORMED, "The WebP has a prefix code of too many symbols");
            }
            Arrays.fill(lengths, symbol, symbol + times, length == 16 ? last : 0);
            symbol += times;
        }
    }

    /** Reads one symbol. */
    int next(Vp8lBits bits) {
        int ahead = (int) bits.peek();
        char entry = lookup[ahead & lookup.length - 1];
        if (entry != LONGER) {
            bits.skip(entry & 15);
            return entry >> 4;
        }
        int length = lookupBits;
        int code = Integer.reverse(ahead) >>> Integer.SIZE - length;
        do {
            code = code << 1 | ahead >> length & 1;
            length++;
        } while (code >= limits[length]);
        bits.skip(length);
        return symbols[offsets[length] + code];
    }
}
