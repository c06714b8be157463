package io.github.describeanything.model.onnx;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Memory from the allocator of a session's device. Used by one thread; its arena owns everything. */
final class DeviceMemory {
    private static final int ALLOCATOR_DEVICE = 0;
    private static final int ALLOCATOR_ARENA = 1;
    private static final int MEMORY_DEFAULT = 0;

    private final OrtApi api = OrtApi.get();
    private final Arena arena;
    private final boolean host;
    private final Optional<CudaDriver> driver;
    private final MemorySegment info;
    private final MemorySegment allocator;

    private DeviceMemory(
            MemorySegment session, MemorySegment info, boolean host, Optional<CudaDriver> driver, Arena arena) {
        this.arena = arena;
        this.host = host;
        this.driver = driver;
        this.info = info.reinterpret(arena, it -> api.release(api.releaseMemoryInfo, it));
        MemorySegment owned = api.create(api.createAllocator, session, this.info)
                .reinterpret(arena, it -> api.release(api.releaseAllocator, it));
        // Buffers are freed while the arena closes, when its segments can no longer be passed to native code.
        this.allocator = MemorySegment.ofAddress(owned.address());
    }

    /** Host memory. */
    static DeviceMemory host(MemorySegment session, Arena arena) {
        OrtApi api = OrtApi.get();
        MemorySegment info = api.create(api.createCpuMemoryInfo, ALLOCATOR_ARENA, MEMORY_DEFAULT);
        return new DeviceMemory(session, info, true, Optional.empty(), arena);
    }

    /** Memory on the device of a placement. */
    static DeviceMemory of(Placement placement, MemorySegment session, Arena arena) {
        if (!placement.cuda()) {
            return host(session, arena);
        }
        OrtApi api = OrtApi.get();
        MemorySegment info = api.create(
                api.createMemoryInfo,
                arena.allocateFrom("Cuda"),
                ALLOCATOR_DEVICE,
                placement.deviceId(),
                MEMORY_DEFAULT);
        Optional<CudaDriver> driver =
                placement.captured() ? Optional.of(new CudaDriver(placement.deviceId())) : Optional.empty();
        return new DeviceMemory(session, info, false, driver, arena);
    }

    /** Whether this is host memory. */
    boolean host() {
        return host;
    }

    /** Copies from host memory; on a device, only if runs are captured. */
    void upload(MemorySegment from, MemorySegment to, long bytes) {
        if (host) {
            MemorySegment.copy(from, 0, to, 0, bytes);
        } else {
            driver.orElseThrow().upload(from, to, bytes);
        }
    }

    /** Copies to host memory; on a device, only if runs are captured. */
    void download(MemorySegment from, MemorySegment to, long bytes) {
        if (host) {
            MemorySegment.copy(from, 0, to, 0, bytes);
        } else {
            driver.orElseThrow().download(from, to, bytes);
        }
    }

    /** Allocates memory. On the CPU, pages are committed when they are first written. */
    MemorySegment allocate(long bytes) {
        return api.create(api.allocatorAlloc, allocator, bytes)
                .reinterpret(bytes, arena, it -> api.call(api.allocatorFree, allocator, it));
    }

    /** A tensor over the start of allocated memory, released with {@code owner}; bindings keep their own references. */
    MemorySegment tensor(Arena owner, MemorySegment data, ElementType type, long... dims) {
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment sizes = dims.length == 0 ? MemorySegment.NULL : scratch.allocateFrom(JAVA_LONG, dims);
            return api.create(
                            api.createTensorWithData,
                            info,
                            data,
                            type.bytes(dims),
                            sizes,
                            (long) dims.length,
                            type.number())
                    .reinterpret(owner, it -> api.release(api.releaseValue, it));
        }
    }
}
