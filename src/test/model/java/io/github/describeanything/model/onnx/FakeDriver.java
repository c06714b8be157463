package io.github.describeanything.model.onnx;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** NVIDIA's driver with one GPU, whose memory is the host's. Native code calls it; it remembers what was called. */
final class FakeDriver implements SymbolLookup {
    static final long CONTEXT = 4711;

    final List<String> calls = new ArrayList<>();
    private final ComputeCapability capability;
    private final Arena arena;

    FakeDriver(ComputeCapability capability, Arena arena) {
        this.capability = capability;
        this.arena = arena;
    }

    @Override
    public Optional<MemorySegment> find(String name) {
        return switch (name) {
            case "cuInit" -> function(name, JAVA_INT);
            case "cuDeviceGet" -> function(name, ADDRESS, JAVA_INT);
            case "cuDeviceGetAttribute" -> function(name, ADDRESS, JAVA_INT, JAVA_INT);
            case "cuDevicePrimaryCtxRetain" -> function(name, ADDRESS, JAVA_INT);
            case "cuCtxSetCurrent", "cuStreamSynchronize" -> function(name, ADDRESS);
            case "cuMemcpyHtoD_v2" -> function(name, JAVA_LONG, ADDRESS, JAVA_LONG);
            case "cuMemcpyDtoH_v2" -> function(name, ADDRESS, JAVA_LONG, JAVA_LONG);
            case "cuMemsetD8_v2" -> function(name, JAVA_LONG, JAVA_BYTE, JAVA_LONG);
            default -> Optional.empty();
        };
    }

    private Optional<MemorySegment> function(String name, MemoryLayout... parameters) {
        FunctionDescriptor type = FunctionDescriptor.of(JAVA_INT, parameters);
        try {
            MethodHandle called = MethodHandles.lookup()
                    .findVirtual(
                            FakeDriver.class, "called", MethodType.methodType(int.class, String.class, Object[].class))
                    .bindTo(this)
                    .bindTo(name)
                    .asCollector(Object[].class, parameters.length)
                    .asType(type.toMethodType());
            return Optional.of(Linker.nativeLinker().upcallStub(called, type, arena));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private int called(String name, Object[] it) {
        switch (name) {
            case "cuDeviceGet" -> out(it[0]).set(JAVA_INT, 0, (int) it[1]);
            case "cuDeviceGetAttribute" ->
                out(it[0]).set(JAVA_INT, 0, (int) it[1] == 75 ? capability.major() : capability.minor());
            case "cuDevicePrimaryCtxRetain" -> out(it[0]).set(ADDRESS, 0, MemorySegment.ofAddress(CONTEXT));
            case "cuMemcpyHtoD_v2" -> memory((long) it[0], it[2]).copyFrom(sized((MemorySegment) it[1], it[2]));
            case "cuMemcpyDtoH_v2" -> sized((MemorySegment) it[0], it[2]).copyFrom(memory((long) it[1], it[2]));
            case "cuMemsetD8_v2" -> memory((long) it[0], it[2]).fill((byte) it[1]);
            default -> {}
        }
        boolean pointed = name.equals("cuCtxSetCurrent") || name.equals("cuStreamSynchronize");
        calls.add(pointed ? name + " " + ((MemorySegment) it[0]).address() : name);
        return 0;
    }

    private static MemorySegment out(Object pointer) {
        return sized((MemorySegment) pointer, 8L);
    }

    private static MemorySegment memory(long address, Object bytes) {
        return sized(MemorySegment.ofAddress(address), bytes);
    }

    private static MemorySegment sized(MemorySegment memory, Object bytes) {
        return memory.reinterpret((long) bytes);
    }
}
