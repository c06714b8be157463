package io.github.describeanything.bulk.input;

import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * Where rows lie in a file, and on which picture each is: 16 bytes a row. Used by one thread.
 *
 * <p>A row is a JSON object; a picture is a number that the caller gives it.
 */
final class Spans {
    private long[] offsets = new long[1024];
    private int[] lengths = new int[1024];
    private int[] pictures = new int[1024];
    private int count;
    private int pictureCount;

    void add(long offset, int length, int picture) {
        if (count == offsets.length) {
            int more = count * 2;
            offsets = Arrays.copyOf(offsets, more);
            lengths = Arrays.copyOf(lengths, more);
            pictures = Arrays.copyOf(pictures, more);
        }
        offsets[count] = offset;
        lengths[count] = length;
        pictures[count++] = picture;
        pictureCount = Math.max(pictureCount, picture + 1);
    }

    int count() {
        return count;
    }

    long offset(int row) {
        return offsets[row];
    }

    int length(int row) {
        return lengths[row];
    }

    int picture(int row) {
        return pictures[row];
    }

    /**
     * The rows of each picture.
     *
     * @param ordered in the order of the file: rows of a picture that do not follow each other come apart
     */
    Iterator<int[]> groups(boolean ordered) {
        int[] order = ordered ? null : byPicture();
        return new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return next < count;
            }

            @Override
            public int[] next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                int start = next;
                while (next < count && pictures[at(next)] == pictures[at(start)]) {
                    next++;
                }
                var rows = new int[next - start];
                Arrays.setAll(rows, i -> at(start + i));
                return rows;
            }

            private int at(int place) {
                return order == null ? place : order[place];
            }
        };
    }

    /** A counting sort. */
    private int[] byPicture() {
        var starts = new int[pictureCount + 1];
        for (int row = 0; row < count; row++) {
            starts[pictures[row] + 1]++;
        }
        for (int picture = 0; picture < pictureCount; picture++) {
            starts[picture + 1] += starts[picture];
        }
        var order = new int[count];
        for (int row = 0; row < count; row++) {
            order[starts[pictures[row]]++] = row;
        }
        return order;
    }
}
