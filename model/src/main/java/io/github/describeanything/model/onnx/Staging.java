package io.github.describeanything.model.onnx;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A host buffer and its counterpart on the device, at a fixed address that a captured graph reads or writes. Used by
 * one thread.
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

    /** A tensor over the start of the device buffer. */
    MemorySegment tensor(Arena owner, long... dims) {
        return memory.tensor(owner, device, type, dims);
    }

    /** Copies the start of the host buffer to the device. */
    void upload(long... dims) {
        memory.upload(host, device, type.bytes(dims));
    }

    /** Copies the start of the device buffer to the host. */
    void download(long... dims) {
        memory.download(device, host, type.bytes(dims));
    }
}
