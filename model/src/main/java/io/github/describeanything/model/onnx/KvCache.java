package io.github.describeanything.model.onnx;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Keys and values of every slot in device memory: two buffers [slots, heads, context, head_dim] per layer. Used by one
 * thread; its arena owns memory and handles.
 */
final class KvCache {
    private final CacheShape shape;
    private final DeviceMemory memory;
    private final Arena arena;
    private final MemorySegment[] keys;
    private final MemorySegment[] values;

    /** Allocates the memory. */
    KvCache(CacheShape shape, DeviceMemory memory, Arena arena) {
        this.shape = shape;
        this.memory = memory;
        this.arena = arena;
        keys = new MemorySegment[shape.layers()];
        values = new MemorySegment[shape.layers()];
        for (int layer = 0; layer < shape.layers(); layer++) {
            keys[layer] = memory.allocate(shape.slots() * shape.slotBytes());
            values[layer] = memory.allocate(shape.slots() * shape.slotBytes());
        }
    }

    /** Tensors [rows, heads, context, head_dim] over slots from {@code first} on. */
    MemorySegment keys(int layer, int first, int rows) {
        return tensor(keys[layer], first, rows);
    }

    MemorySegment values(int layer, int first, int rows) {
        return tensor(values[layer], first, rows);
    }

    private MemorySegment tensor(MemorySegment buffer, int first, int rows) {
        MemorySegment part = buffer.asSlice(first * shape.slotBytes(), rows * shape.slotBytes());
        return memory.tensor(arena, part, shape.elementType(), rows, shape.heads(), shape.context(), shape.headDim());
    }

    /** Whether slots can be copied; only in host memory. */
    boolean movable() {
        return memory.host();
    }

    /** Copies the first tokens of one slot over those of another. */
    void move(int from, int to, int tokens) {
        long head = (long) shape.context() * shape.headDim() * shape.elementBytes();
        long bytes = (long) tokens * shape.headDim() * shape.elementBytes();
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
