package io.github.describeanything.model.onnx;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Locale;

/**
 * Copies between host and device through NVIDIA's driver, because ONNX Runtime's C API copies tensors only for plug-in
 * providers. The driver library is the same for every CUDA version. Thread-safe.
 *
 * <p>Source of the signatures: CUDA Driver API, memory and context management. Not yet run on a GPU.
 */
final class CudaDriver {
    private final MethodHandle setCurrent;
    private final MethodHandle synchronise;
    private final MethodHandle toDevice;
    private final MethodHandle toHost;
    private final MemorySegment context;

    /** Loads the driver's library and uses the device's primary context, like ONNX Runtime. */
    CudaDriver(int device) {
        boolean windows =
                System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("win");
        SymbolLookup library;
        try {
            library = SymbolLookup.libraryLookup(windows ? "nvcuda.dll" : "libcuda.so.1", Arena.global());
        } catch (IllegalArgumentException e) {
            throw new OnnxException("NVIDIA's driver is not installed", e);
        }
        setCurrent = handle(library, "cuCtxSetCurrent", ADDRESS);
        synchronise = handle(library, "cuCtxSynchronize");
        toDevice = handle(library, "cuMemcpyHtoD_v2", JAVA_LONG, ADDRESS, JAVA_LONG);
        toHost = handle(library, "cuMemcpyDtoH_v2", ADDRESS, JAVA_LONG, JAVA_LONG);
        call(handle(library, "cuInit", JAVA_INT), 0);
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment out = scratch.allocate(ADDRESS);
            call(handle(library, "cuDevicePrimaryCtxRetain", ADDRESS, JAVA_INT), out, device);
            context = out.get(ADDRESS, 0);
        }
    }

    /** Copies to the device; complete on return, for every stream. */
    void upload(MemorySegment host, MemorySegment device, long bytes) {
        call(setCurrent, context);
        call(toDevice, device.address(), host, bytes);
        call(synchronise);
    }

    /** Copies from the device; complete on return. */
    void download(MemorySegment device, MemorySegment host, long bytes) {
        call(setCurrent, context);
        call(toHost, host, device.address(), bytes);
    }

    private static MethodHandle handle(SymbolLookup library, String name, MemoryLayout... parameters) {
        return Linker.nativeLinker()
                .downcallHandle(library.findOrThrow(name), FunctionDescriptor.of(JAVA_INT, parameters));
    }

    private static void call(MethodHandle function, Object... arguments) {
        int status;
        try {
            status = (int) function.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new OnnxException("Call into NVIDIA's driver failed", e);
        }
        if (status != 0) {
            throw new OnnxException(
                    "NVIDIA's driver returned status " + status + (status == 2 ? ": out of memory" : ""));
        }
    }
}
