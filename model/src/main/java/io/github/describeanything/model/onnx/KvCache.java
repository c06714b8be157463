package io.github.describeanything.model.onnx;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Keys and values of every slot, in the memory of the device: for each layer two buffers [slots, heads, context,
 * head_dim]. Used by one thread; memory and handles belong to the arena it was made with.
 */
final class KvCache {
    private final CacheShape shape;
    private final OrtApi api = OrtApi.get();
    private final Arena arena;
    private final MemorySegment memoryInfo;
    private final boolean host;
    private final MemorySegment[] keys;
    private final MemorySegment[] values;

    /**
     * Takes the memory. On the CPU pages are touched only when positions are written.
     *
     * @param session a session on the device, whose allocator gives the memory
     * @param memoryInfo where it is
     * @param host whether that is memory that Java can read
     */
    KvCache(CacheShape shape, MemorySegment session, MemorySegment memoryInfo, boolean host, Arena arena) {
        this.shape = shape;
        this.arena = arena;
        this.memoryInfo = memoryInfo;
        this.host = host;
        MemorySegment allocator = api.create(api.createAllocator, session, memoryInfo)
                .reinterpret(arena, it -> api.release(api.releaseAllocator, it));
        // Buffers are freed while the arena closes, when its own segments cannot be passed any more.
        MemorySegment bare = MemorySegment.ofAddress(allocator.address());
        keys = new MemorySegment[shape.layers()];
        values = new MemorySegment[shape.layers()];
        for (int layer = 0; layer < shape.layers(); layer++) {
            keys[layer] = allocate(bare);
            values[layer] = allocate(bare);
        }
    }

    private MemorySegment allocate(MemorySegment allocator) {
        long bytes = shape.slots() * shape.slotBytes();
        return api.create(api.allocatorAlloc, allocator, bytes)
                .reinterpret(bytes, arena, it -> api.call(api.allocatorFree, allocator, it));
    }

    /** Tensors [rows, heads, context, head_dim] over slots from {@code first} on. */
    MemorySegment keys(int layer, int first, int rows) {
        return tensor(keys[layer], first, rows);
    }

    MemorySegment values(int layer, int first, int rows) {
        return tensor(values[layer], first, rows);
    }

    private MemorySegment tensor(MemorySegment buffer, int first, int rows) {
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment dims = scratch.allocateFrom(JAVA_LONG, rows, shape.heads(), shape.context(), shape.headDim());
            MemorySegment part = buffer.asSlice(first * shape.slotBytes(), rows * shape.slotBytes());
            return api.create(
                            api.createTensorWithData,
                            memoryInfo,
                            part,
                            part.byteSize(),
                            dims,
                            4L,
                            shape.half() ? Tensors.FLOAT16 : Tensors.FLOAT)
                    .reinterpret(arena, it -> api.release(api.releaseValue, it));
        }
    }

    /** Whether slots can be moved: only in host memory. */
    boolean movable() {
        return host;
    }

    /** Copies the first {@code positions} of one slot over those of another. */
    void move(int from, int to, int positions) {
        long head = (long) shape.context() * shape.headDim() * shape.elementBytes();
        long bytes = (long) positions * shape.headDim() * shape.elementBytes();
        for (int layer = 0; layer < shape.layers(); layer++) {
            for (int h = 0; h < shape.heads(); h++) {
                long source = from * shape.slotBytes() + h * head;
                long target = to * shape.slotBytes() + h * head;
                MemorySegment.copy(keys[layer], source, keys[layer], target, bytes);
                MemorySegment.copy(values[layer], source, values[layer], target, bytes);
            }
        }
    }
}
