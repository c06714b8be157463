package io.github.describeanything.model.onnx;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtProvider;
import java.io.File;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;

/**
 * Whether there is a GPU, and how much memory it has. Asks the driver, which is fast. Stateless.
 *
 * <p>Source of the signatures: CUDA Driver API, initialization and device management.
 */
public final class Cuda {
    private static final String DRIVER = File.separatorChar == '\\' ? "nvcuda.dll" : "libcuda.so.1";
    private static final FunctionDescriptor INIT = FunctionDescriptor.of(JAVA_INT, JAVA_INT);
    private static final FunctionDescriptor COUNT = FunctionDescriptor.of(JAVA_INT, ADDRESS);
    private static final FunctionDescriptor GET = FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT);
    private static final FunctionDescriptor TOTAL_MEMORY = FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT);

    private Cuda() {}

    /** @throws OnnxException naming what is missing if graphs cannot run on CUDA here */
    public static void require() {
        NativeLibrary.environment();
        if (!OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
            throw new OnnxException(
                    "--device cuda: this build of ONNX Runtime has no CUDA; set DAM_ONNXRUNTIME to the folder of a"
                            + " build that has it, or use the CUDA image");
        }
        if (devices() == 0) {
            throw new OnnxException("--device cuda: the NVIDIA driver finds no GPU");
        }
    }

    /**
     * Total memory of a GPU in bytes.
     *
     * @param device its number
     * @throws OnnxException if there is no such GPU
     */
    public static long memory(int device) {
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup driver = driver(arena);
            MemorySegment handle = arena.allocate(JAVA_INT);
            MemorySegment bytes = arena.allocate(JAVA_LONG);
            if (call(driver, "cuInit", INIT, 0) != 0
                    || call(driver, "cuDeviceGet", GET, handle, device) != 0
                    || call(driver, "cuDeviceTotalMem_v2", TOTAL_MEMORY, bytes, handle.get(JAVA_INT, 0)) != 0) {
                throw new OnnxException("--cuda-device %d: the NVIDIA driver finds no such GPU".formatted(device));
            }
            return bytes.get(JAVA_LONG, 0);
        }
    }

    private static int devices() {
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup driver = driver(arena);
            MemorySegment count = arena.allocate(JAVA_INT);
            boolean known = call(driver, "cuInit", INIT, 0) == 0 && call(driver, "cuDeviceGetCount", COUNT, count) == 0;
            return known ? count.get(JAVA_INT, 0) : 0;
        }
    }

    private static SymbolLookup driver(Arena arena) {
        try {
            return SymbolLookup.libraryLookup(DRIVER, arena);
        } catch (IllegalArgumentException e) {
            throw new OnnxException("--device cuda: there is no NVIDIA driver (" + DRIVER + ")", e);
        }
    }

    private static int call(SymbolLookup driver, String name, FunctionDescriptor type, Object... arguments) {
        try {
            return (int) Linker.nativeLinker()
                    .downcallHandle(driver.findOrThrow(name), type)
                    .invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new OnnxException("The NVIDIA driver cannot be queried: " + e.getMessage(), e);
        }
    }
}
