package io.github.describeanything.model.bundle;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * The files that an ONNX graph keeps its weights in, read from the graph itself, without loading it. Stateless.
 *
 * <p>Walks the parts of ONNX's protocol buffers that can hold a tensor and passes over everything else.
 */
final class ExternalData {
    private static final String LOCATION = "location";
    /** Readers of protocol buffers, ONNX Runtime's among them, go no further. */
    private static final int DEEPEST = 100;

    /** Messages on the way from a model to its tensors, each with the fields to follow (onnx.proto). */
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

    /** Locations as they stand in the graph. @throws IllegalArgumentException if it is not a graph */
    static Set<String> of(byte[] graph) {
        var found = new ExternalData();
        try {
            found.walk(ByteBuffer.wrap(graph), Kind.MODEL, 0);
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("the graph ends early", e);
        }
        return found.locations;
    }

    private void walk(ByteBuffer message, Kind kind, int depth) {
        if (depth > DEEPEST) {
            throw new IllegalArgumentException("parts within parts without end");
        }
        String key = "";
        String value = "";
        while (message.hasRemaining()) {
            // 32 bits, as readers take it: what stands above them does not count.
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
                default -> throw new IllegalArgumentException("no such wire type");
            }
        }
        // At the end: key and value may come in any order, and the last of each counts.
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
        throw new IllegalArgumentException("a number too long");
    }

    private static String text(ByteBuffer part) {
        return StandardCharsets.UTF_8.decode(part).toString();
    }
}
