package io.github.describeanything.model.onnx;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A buffer of the host and its counterpart on the device, whose address never changes: what a captured graph reads and
 * writes. Used by one thread.
 */
final class Staging {
    private final DeviceMemory memory;
    private final MemorySegment host;
    private final MemorySegment device;
    private final int type;

    Staging(DeviceMemory memory, MemorySegment host, int type) {
        this.memory = memory;
        this.host = host;
        this.device = memory.allocate(host.byteSize());
        this.type = type;
    }

    /** The start of the device's buffer as a tensor. */
    MemorySegment tensor(Arena owner, long... dims) {
        return memory.tensor(owner, device, type, dims);
    }

    /** Copies the start of the host's buffer to the device. */
    void upload(long... dims) {
        memory.upload(host, device, bytes(dims));
    }

    /** Copies the start of the device's buffer to the host. */
    void download(long... dims) {
        memory.download(device, host, bytes(dims));
    }

    private long bytes(long... dims) {
        long bytes = Tensors.bytes(type);
        for (long dim : dims) {
            bytes *= dim;
        }
        return bytes;
    }
}
