package io.github.describeanything.model.golden;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.ZipFile;

/** Arrays of one NumPy .npz file: row-major, little-endian, as the format's description says. */
public final class Npz {
    private static final Pattern HEADER =
            Pattern.compile("'descr': '([^']+)', 'fortran_order': False, 'shape': \\(([^)]*)\\)");

    public record Array(String dtype, int[] shape, ByteBuffer data) {
        public float[] floats() {
            if (dtype.equals("<f2")) {
                var halves = data.duplicate().order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
                var values = new float[halves.remaining()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.float16ToFloat(halves.get(i));
                }
                return values;
            }
            require("<f4");
            var values = new float[data.remaining() / 4];
            data.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
            return values;
        }

        public int[] ints() {
            return switch (dtype) {
                case "<i8" -> {
                    var values = new long[data.remaining() / 8];
                    data.duplicate()
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .asLongBuffer()
                            .get(values);
                    yield Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
                }
                case "<i4", "<u4" -> {
                    var values = new int[data.remaining() / 4];
                    data.duplicate()
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .asIntBuffer()
                            .get(values);
                    yield values;
                }
                default -> throw new IllegalStateException(dtype);
            };
        }

        public byte[] bytes() {
            require("|u1");
            var values = new byte[data.remaining()];
            data.duplicate().get(values);
            return values;
        }

        private void require(String expected) {
            if (!dtype.equals(expected)) {
                throw new IllegalStateException("expected " + expected + ", found " + dtype);
            }
        }
    }

    private final Map<String, Array> arrays = new HashMap<>();

    private Npz() {}

    public static Npz read(Path file) {
        var npz = new Npz();
        try (var zip = new ZipFile(file.toFile())) {
            for (var entry : zip.stream().toList()) {
                byte[] bytes = zip.getInputStream(entry).readAllBytes();
                npz.arrays.put(entry.getName().replace(".npy", ""), parse(bytes));
            }
            return npz;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Array get(String name) {
        var array = arrays.get(name);
        if (array == null) {
            throw new IllegalStateException("no " + name + " among " + arrays.keySet());
        }
        return array;
    }

    public boolean has(String name) {
        return arrays.containsKey(name);
    }

    private static Array parse(byte[] bytes) {
        int headerLength = bytes[8] & 0xFF | (bytes[9] & 0xFF) << 8;
        String header = new String(bytes, 10, headerLength, StandardCharsets.US_ASCII);
        var found = HEADER.matcher(header);
        if (!found.find()) {
            throw new IllegalStateException(header);
        }
        int[] shape = Arrays.stream(found.group(2).split(","))
                .map(String::strip)
                .filter(it -> !it.isEmpty())
                .mapToInt(Integer::parseInt)
                .toArray();
        int start = 10 + headerLength;
        return new Array(
                found.group(1),
                shape,
                ByteBuffer.wrap(bytes, start, bytes.length - start).slice());
    }
}
