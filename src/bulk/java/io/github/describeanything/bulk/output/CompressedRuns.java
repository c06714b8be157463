package io.github.describeanything.bulk.output;

import io.github.describeanything.bulk.row.Lines;
import io.github.describeanything.focal.Mask;
import tools.jackson.databind.node.ObjectNode;

/** Run lengths of a mask in COCO's compressed form, as pycocotools writes them. Stateless. */
public final class CompressedRuns {
    private CompressedRuns() {}

    /** {@code size} and {@code counts}. */
    public static ObjectNode of(Mask mask) {
        var text = new StringBuilder();
        var counts = new long[3];
        int runs = 0;
        boolean inside = false;
        long length = 0;
        for (int x = 0; x < mask.width(); x++) {
            for (int y = 0; y < mask.height(); y++) {
                if (mask.get(y * mask.width() + x) != inside) {
                    append(text, runs, length, counts);
                    runs++;
                    inside = !inside;
                    length = 0;
                }
                length++;
            }
        }
        append(text, runs, length, counts);
        ObjectNode rle = Lines.object();
        rle.putArray("size").add(mask.height()).add(mask.width());
        return rle.put("counts", text.toString());
    }

    /**
     * From the fourth run on the difference to the run two before: groups of five bits, the least first, and bit 5 says that
     * more follow.
     *
     * @param last the runs before, by their number modulo 3
     */
    private static void append(StringBuilder text, int number, long length, long[] last) {
        long value = number > 2 ? length - last[(number - 2) % 3] : length;
        last[number % 3] = length;
        boolean more;
        do {
            long group = value & 0x1F;
            value >>= 5;
            more = (group & 0x10) != 0 ? value != -1 : value != 0;
            text.append((char) ('0' + (more ? group | 0x20 : group)));
        } while (more);
    }
}
