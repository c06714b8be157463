package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;

import io.github.describeanything.focal.PictureException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Decodes the lossless bitstream of WebP (RFC 9649, section 3), without its header. Not thread-safe.
 *
 * <p>Time and memory are bounded by the number of pixels, which the caller has checked, and by the length of the data.
 */
final class Vp8l {
    private static final int LITERALS = 256;
    private static final int LENGTHS = 24;
    private static final int DISTANCES = 40;
    private static final int MAX_CACHE_BITS = 11;
    /**
     * Memory that prefix codes may take in addition to the pixels' own: libwebp writes at most 2,600 groups, which take
     * less.
     */
    private static final long BYTES_OF_CODES = 32 << 20;

    /** The neighbours that distances 1 to 120 stand for, nearest first: 16 times rows up, plus columns left, plus 7. */
    private static final int[] NEIGHBOURS = IntStream.range(8, 128)
            .boxed()
            .sorted(Comparator.<Integer>comparingInt(each -> rows(each) * rows(each) + columns(each) * columns(each))
                    .thenComparing(each -> Math.abs(columns(each)))
                    .thenComparing(each -> -columns(each)))
            .mapToInt(each -> each)
            .toArray();

    private final Vp8lBits bits;
    private final int height;
    /** Width of the packed image: with a palette, one packed pixel may hold several. */
    private int width;

    private final Deque<Vp8lTransform> transforms = new ArrayDeque<>();

    private Vp8l(Vp8lBits bits, int width, int height) {
        this.bits = bits;
        this.width = width;
        this.height = height;
    }

    /**
     * Decodes the data between the buffer's position and its limit.
     *
     * @return {@code width * height} pixels, row by row from the top, each straight ARGB with alpha in the highest byte
     */
    static int[] decode(ByteBuffer data, int width, int height) {
        var decoder = new Vp8l(new Vp8lBits(data), width, height);
        decoder.readTransforms();
        int[] argb = decoder.readImage(decoder.width, height, true);
        for (Vp8lTransform transform : decoder.transforms) {
            argb = transform.undo(argb);
        }
        return argb;
    }

    private static int rows(int neighbour) {
        return neighbour >> 4;
    }

    private static int columns(int neighbour) {
        return (neighbour & 15) - 7;
    }

    /** How many blocks of {@code 1 << bits} pixels cover a side. */
    static int blocks(int side, int bits) {
        return side + (1 << bits) - 1 >> bits;
    }

    private void readTransforms() {
        int seen = 0;
        while (bits.flag()) {
            int type = bits.read(2);
            if ((seen >> type & 1) == 1) {
                throw new PictureException(MALFORMED, "The WebP has the same transform twice");
            }
            seen |= 1 << type;
            transforms.push(
                    switch (type) {
                        case 0 -> {
                            int blockBits = 2 + bits.read(3);
                            yield new Vp8lTransform.Predictor(width, blockBits, readBlocks(blockBits));
                        }
                        case 1 -> {
                            int blockBits = 2 + bits.read(3);
                            yield new Vp8lTransform.Colour(width, blockBits, readBlocks(blockBits));
                        }
                        case 2 -> new Vp8lTransform.Green();
                        default -> readPalette();
                    });
        }
    }

    private int[] readBlocks(int blockBits) {
        return readImage(blocks(width, blockBits), blocks(height, blockBits), false);
    }

    private Vp8lTransform readPalette() {
        int size = 1 + bits.read(8);
        int packBits = size <= 2 ? 3 : size <= 4 ? 2 : size <= 16 ? 1 : 0;
        int[] colours = readImage(size, 1, false);
        for (int i = 1; i < size; i++) {
            colours[i] = Vp8lTransform.sum(colours[i], colours[i - 1]);
        }
        var palette = new Vp8lTransform.Palette(width, height, packBits, Arrays.copyOf(colours, 1 << (8 >> packBits)));
        width = blocks(width, packBits);
        return palette;
    }

    /** Reads an image: the picture itself, which may have many groups of codes, or the data of a transform. */
    private int[] readImage(int width, int height, boolean picture) {
        int cacheBits = bits.flag() ? bits.read(4) : -1;
        if (cacheBits == 0 || cacheBits > MAX_CACHE_BITS) {
            throw new PictureException(MALFORMED, "The WebP has an invalid colour cache size");
        }
        int blockBits = 0;
        int[] groupOfBlock = {0};
        var used = new BitSet();
        used.set(0);
        if (picture && bits.flag()) {
            blockBits = 2 + bits.read(3);
            groupOfBlock = readBlocks(blockBits);
            used.clear();
            for (int i = 0; i < groupOfBlock.length; i++) {
                groupOfBlock[i] = groupOfBlock[i] >> 8 & 0xFFFF;
                used.set(groupOfBlock[i]);
            }
        }
        int cacheSize = cacheBits < 0 ? 0 : 1 << cacheBits;
        var groups = readGroups(
                used, new int[LITERALS + LENGTHS + cacheSize], BYTES_OF_CODES + 2L * Integer.BYTES * width * height);
        var ofBlocks = new Group[groupOfBlock.length];
        for (int i = 0; i < ofBlocks.length; i++) {
            ofBlocks[i] = Objects.requireNonNull(groups.get(groupOfBlock[i]));
        }
        return new Pixels(width, height, cacheBits, ofBlocks, blockBits).read();
    }

    /**
     * Reads the groups up to the last one in use, and keeps only those in use, so small pictures take little memory.
     */
    private Map<Integer, Group> readGroups(BitSet used, int[] greens, long mostBytes) {
        var samples = new int[LITERALS];
        var distances = new int[DISTANCES];
        var groups = new HashMap<Integer, Group>();
        long bytes = 0;
        for (int i = 0; i < used.length(); i++) {
            var group = new Group(
                    Vp8lCode.read(bits, greens),
                    Vp8lCode.read(bits, samples),
                    Vp8lCode.read(bits, samples),
                    Vp8lCode.read(bits, samples),
                    Vp8lCode.read(bits, distances));
            if (used.get(i)) {
                groups.put(i, group);
                bytes += group.bytes();
            }
            if (bytes > mostBytes) {
                throw new PictureException(MALFORMED, "The WebP has more codes than its pixels can use");
            }
        }
        return groups;
    }

    /** The prefix codes of some blocks; the green one also encodes lengths and cache indices. */
    private record Group(Vp8lCode green, Vp8lCode red, Vp8lCode blue, Vp8lCode alpha, Vp8lCode distance) {
        int bytes() {
            return green.bytes() + red.bytes() + blue.bytes() + alpha.bytes() + distance.bytes();
        }
    }

    /** One image's pixels. */
    private final class Pixels {
        private final int width;
        private final int[] argb;
        private final int cacheShift;
        private final int[] cache;
        private final Group[] ofBlocks;
        private final int blockBits;

        /**
         * @param ofBlocks the codes of each block, {@code 1 << blockBits} pixels wide and high; one if all blocks share
         *     it
         */
        Pixels(int width, int height, int cacheBits, Group[] ofBlocks, int blockBits) {
            this.width = width;
            argb = new int[width * height];
            cacheShift = Integer.SIZE - cacheBits;
            cache = new int[cacheBits < 0 ? 0 : 1 << cacheBits];
            this.ofBlocks = ofBlocks;
            this.blockBits = blockBits;
        }

        int[] read() {
            int inBlock = ofBlocks.length == 1 ? -1 : (1 << blockBits) - 1;
            Group group = group(0, 0);
            int at = 0;
            int x = 0;
            int y = 0;
            while (at < argb.length) {
                if ((x & inBlock) == 0) {
                    group = group(x, y);
                }
                int symbol = group.green.next(bits);
                int length = 1;
                if (symbol < LITERALS) {
                    int red = group.red.next(bits);
                    int blue = group.blue.next(bits);
                    set(at, group.alpha.next(bits) << 24 | red << 16 | symbol << 8 | blue);
                } else if (symbol < LITERALS + LENGTHS) {
                    length = number(symbol - LITERALS);
                    repeat(at, distance(number(group.distance.next(bits))), length);
                } else {
                    set(at, cache[symbol - LITERALS - LENGTHS]);
                }
                at += length;
                x += length;
                if (x >= width) {
                    y += x / width;
                    x %= width;
                }
                if (length > 1 && at < argb.length) {
                    group = group(x, y);
                }
            }
            return argb;
        }

        private Group group(int x, int y) {
            return ofBlocks.length == 1
                    ? ofBlocks[0]
                    : ofBlocks[(y >> blockBits) * blocks(width, blockBits) + (x >> blockBits)];
        }

        private void set(int at, int pixel) {
            argb[at] = pixel;
            if (cache.length > 0) {
                cache[pixel * 0x1E35A7BD >>> cacheShift] = pixel;
            }
        }

        private void repeat(int at, int distance, int length) {
            if (distance > at || length > argb.length - at) {
                throw new PictureException(MALFORMED, "The WebP refers to pixels before its start or beyond its end");
            }
            for (int i = at; i < at + length; i++) {
                set(i, argb[i - distance]);
            }
        }

        /** The number that a symbol and its extra bits encode; at least 1. */
        private int number(int symbol) {
            if (symbol < 4) {
                return symbol + 1;
            }
            int more = symbol - 2 >> 1;
            return ((2 + (symbol & 1)) << more) + bits.read(more) + 1;
        }

        private int distance(int number) {
            if (number > NEIGHBOURS.length) {
                return number - NEIGHBOURS.length;
            }
            int neighbour = NEIGHBOURS[number - 1];
            return Math.max(1, rows(neighbour) * width + columns(neighbour));
        }
    }
}
