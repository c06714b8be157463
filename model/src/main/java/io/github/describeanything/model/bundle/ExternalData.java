package io.github.describeanything.model.bundle;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Finds the files that an ONNX graph loads its weights from, without loading the graph. Used by one thread.
 *
 * <p>It walks the messages of ONNX's protocol buffers that can contain a tensor and skips the rest.
 */
final class ExternalData {
    private static final String LOCATION = "location";
    /** Protocol buffer parsers, including ONNX Runtime's, refuse deeper nesting. */
    private static final int MAX_DEPTH = 100;

    /** Messages on the way from a model to its tensors (onnx.proto). */
    private enum Kind {
        MODEL,
        FUNCTION,
        GRAPH,
        NODE,
        ATTRIBUTE,
        SPARSE_TENSOR,
        TENSOR,
        ENTRY
    }

    private static final Map<Kind, Map<Integer, Kind>> FOLLOWED = Map.of(
            Kind.MODEL, Map.of(7, Kind.GRAPH, 25, Kind.FUNCTION),
            Kind.FUNCTION, Map.of(7, Kind.NODE, 11, Kind.ATTRIBUTE),
            Kind.GRAPH, Map.of(1, Kind.NODE, 5, Kind.TENSOR, 15, Kind.SPARSE_TENSOR),
            Kind.NODE, Map.of(5, Kind.ATTRIBUTE),
            Kind.ATTRIBUTE,
                    Map.of(
                            5,
                            Kind.TENSOR,
                            6,
                            Kind.GRAPH,
                            10,
                            Kind.TENSOR,
                            11,
                            Kind.GRAPH,
                            22,
                            Kind.SPARSE_TENSOR,
                            23,
                            Kind.SPARSE_TENSOR),
            Kind.SPARSE_TENSOR, Map.of(1, Kind.TENSOR, 2, Kind.TENSOR),
            Kind.TENSOR, Map.of(13, Kind.ENTRY),
            Kind.ENTRY, Map.of());

    private final Set<String> locations = new LinkedHashSet<>();

    private ExternalData() {}

    /** The locations as written in the graph. @throws IllegalArgumentException if it is not an ONNX graph */
    static Set<String> of(byte[] graph) {
        var found = new ExternalData();
        try {
            found.walk(ByteBuffer.wrap(graph), Kind.MODEL, 0);
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("the graph is truncated", e);
        }
        return found.locations;
    }

    private void walk(ByteBuffer message, Kind kind, int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("the graph is nested too deeply");
        }
        String key = "";
        String value = "";
        while (message.hasRemaining()) {
            // Parsers use 32 bits and ignore those above.
            int tag = (int) varint(message);
            int field = tag >>> 3;
            switch (tag & 7) {
                case 0 -> varint(message);
                case 1 -> message.getLong();
                case 5 -> message.getInt();
                case 2 -> {
                    ByteBuffer part = part(message);
                    Kind next = FOLLOWED.getOrDefault(kind, Map.of()).get(field);
                    if (next != null) {
                        walk(part, next, depth + 1);
                    } else if (kind == Kind.ENTRY && field == 1) {
                        key = text(part);
                    } else if (kind == Kind.ENTRY && field == 2) {
                        value = text(part);
                    }
                }
                default -> throw new IllegalArgumentException("unknown wire type");
            }
        }
        // After the loop, because key and value may come in any order and the last of each wins.
        if (key.equals(LOCATION)) {
            locations.add(value);
        }
    }

    private static ByteBuffer part(ByteBuffer message) {
        int length = Math.toIntExact(Math.min(varint(message) & Long.MAX_VALUE, Integer.MAX_VALUE));
        if (length > message.remaining()) {
            throw new BufferUnderflowException();
        }
        ByteBuffer part = message.slice(message.position(), length);
        message.position(message.position() + length);
        return part;
    }

    private static long varint(ByteBuffer message) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte next = message.get();
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number is too long");
    }

    private static String text(ByteBuffer part) {
        return StandardCharsets.UTF_8.decode(part).toString();
    }
}
