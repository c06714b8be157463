package io.github.describeanything.server.openai;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Ids of answers. Stateless. */
public final class WireId {
    private static final int BYTES = 12;

    private WireId() {}

    /** A new id: the prefix and 24 hexadecimal digits. */
    public static String random(String prefix) {
        byte[] bytes = ByteBuffer.allocate(BYTES)
                .putLong(ThreadLocalRandom.current().nextLong())
                .putInt(ThreadLocalRandom.current().nextInt())
                .array();
        return prefix + HexFormat.of().formatHex(bytes);
    }
}
