package io.github.describeanything.model.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Finds the same locations as ONNX Runtime, however the graph is encoded. */
class ExternalDataTest {
    private static final byte[] KEY = field(1, text("location"));
    private static final byte[] VALUE = field(2, text("../elsewhere"));

    @Test
    void keyAndValueMayComeInAnyOrderAndTheLastWins() {
        byte[] otherKey = field(1, text("offset"));
        byte[] otherValue = field(2, text("here"));
        for (byte[] entry : new byte[][] {
            join(KEY, VALUE), join(VALUE, KEY), join(otherKey, VALUE, KEY), join(KEY, otherValue, VALUE)
        }) {
            assertThat(ExternalData.of(graph(entry))).containsExactly("../elsewhere");
        }
        assertThat(ExternalData.of(graph(join(KEY, VALUE, otherKey)))).isEmpty();
    }

    @Test
    void bitsAbove32OfATagAreIgnored() {
        byte[] plain = graph(join(KEY, VALUE));
        // The model's field 7 with bit 32 set.
        byte[] strange = join(new byte[] {(byte) 0xBA, (byte) 0x80, (byte) 0x80, (byte) 0x80, 0x10}, tail(plain));
        assertThat(plain[0]).isEqualTo((byte) 0x3A);
        assertThat(ExternalData.of(strange)).containsExactly("../elsewhere");
    }

    @Test
    void deepNestingIsRefused() {
        assertThat(ExternalData.of(nested(99))).isEmpty();
        assertThatThrownBy(() -> ExternalData.of(nested(200_000))).isInstanceOf(IllegalArgumentException.class);
    }

    /** A model of one tensor with one external data entry. */
    private static byte[] graph(byte[] entry) {
        return field(7, field(5, field(13, entry)));
    }

    /** Graphs nested in attributes of nodes, written from the end. */
    private static byte[] nested(int levels) {
        var bytes = new byte[8 * levels];
        int[] fields = {1, 5, 6};
        int at = bytes.length;
        for (int level = levels - 1; level >= 0; level--) {
            int length = bytes.length - at;
            at -= 4;
            for (int i = 0; i < 4; i++) {
                bytes[at + i] = (byte) (length >> 7 * i & 0x7F | (i < 3 ? 0x80 : 0));
            }
            bytes[--at] = (byte) ((level == 0 ? 7 : fields[(level - 1) % 3]) << 3 | 2);
        }
        return java.util.Arrays.copyOfRange(bytes, at, bytes.length);
    }

    private static byte[] field(int number, byte[] content) {
        return join(new byte[] {(byte) (number << 3 | 2), (byte) content.length}, content);
    }

    private static byte[] tail(byte[] bytes) {
        return java.util.Arrays.copyOfRange(bytes, 1, bytes.length);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] join(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
