package io.github.describeanything.model.onnx;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A buffer on the host and one on the device, at an address that never changes: what a captured graph reads and writes.
 * Used by one thread.
 */
final class Staging {
    private final DeviceMemory memory;
    private final MemorySegment host;
    private final MemorySegment device;
    private final ElementType type;

    Staging(DeviceMemory memory, MemorySegment host, ElementType type) {
        this.memory = memory;
        this.host = host;
        this.device = memory.allocate(host.byteSize());
        this.type = type;
    }

    /** A tensor over the start of the device's buffer. */
    MemorySegment tensor(Arena owner, long... dims) {
        return memory.tensor(owner, device, type, dims);
    }

    /** Copies the start of the host's buffer to the device. */
    void upload(long... dims) {
        memory.upload(host, device, type.bytes(dims));
    }

    /** Copies the start of the device's buffer to the host. */
    void download(long... dims) {
        memory.download(device, host, type.bytes(dims));
    }
}
