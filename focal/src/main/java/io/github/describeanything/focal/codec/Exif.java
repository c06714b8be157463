package io.github.describeanything.focal.codec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads the orientation in a block of EXIF, which is a TIFF directory without pixels. Stateless. */
final class Exif {
    private static final int ORIENTATION = 274;
    private static final int SHORT = 3;

    private Exif() {}

    /** The orientation in a block that starts with its byte order; upright if it is missing or damaged. */
    static Orientation orientation(ByteBuffer block) {
        if (block.remaining() < 8) {
            return Orientation.TOP_LEFT;
        }
        var exif = block.slice()
                .order(block.get(block.position()) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        long start = Integer.toUnsignedLong(exif.getInt(4));
        if (start > exif.limit() - 2) {
            return Orientation.TOP_LEFT;
        }
        int count = exif.getShort((int) start) & 0xFFFF;
        for (int i = 0; i < count && start + 14 + 12L * i <= exif.limit(); i++) {
            int at = (int) start + 2 + 12 * i;
            if ((exif.getShort(at) & 0xFFFF) == ORIENTATION && exif.getShort(at + 2) == SHORT) {
                return Orientation.of(exif.getShort(at + 8) & 0xFFFF);
            }
        }
        return Orientation.TOP_LEFT;
    }
}
