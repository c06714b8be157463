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
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.stream.Collectors;

/**
 * Whether graphs can run on a GPU here, and how much memory it has. Asks the driver and the library, which is quick.
 * Stateless.
 *
 * <p>Source of the signatures: CUDA Driver API, initialization and device management.
 */
public final class Cuda {
    private static final String DRIVER = File.separatorChar == '\\' ? "nvcuda.dll" : "libcuda.so.1";
    private static final FunctionDescriptor INIT = FunctionDescriptor.of(JAVA_INT, JAVA_INT);
    private static final FunctionDescriptor COUNT = FunctionDescriptor.of(JAVA_INT, ADDRESS);
    private static final FunctionDescriptor GET = FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT);
    private static final FunctionDescriptor TOTAL_MEMORY = FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT);

    private static final FunctionDescriptor ATTRIBUTE = FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final int MAJOR = 75;
    private static final int MINOR = 76;
    private static final int OLDEST = 28;

    private Cuda() {}

    /** @throws OnnxException saying what is missing, if no graph can run on this device */
    public static void require(int device) {
        NativeLibrary.environment();
        if (!OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
            throw new OnnxException(
                    "--device cuda: this build of ONNX Runtime has no CUDA; set DAM_ONNXRUNTIME to a folder with one"
                            + " that has, or use the CUDA image");
        }
        requireVersion(OrtApi.version());
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup driver = driver(arena);
            if (devices(driver) == 0) {
                throw new OnnxException("--device cuda: the NVIDIA driver finds no GPU");
            }
            requireCode(NativeLibrary.cudaProvider(), capability(driver, device));
        }
    }

    /** Libraries before 1.28 load the graphs, but run nodes of theirs on the CPU and capture nothing. */
    static void requireVersion(String version) {
        String[] parts = version.split("\\.");
        if (Integer.parseInt(parts[0]) == 1 && Integer.parseInt(parts[1]) < OLDEST) {
            throw new OnnxException(
                    "--device cuda needs ONNX Runtime 1.%d or later, and this is %s: set DAM_ONNXRUNTIME to another one"
                            .formatted(OLDEST, version));
        }
    }

    /** Kernels that a library has no code for fail in the first run, after gigabytes were loaded. */
    static void requireCode(Path library, ComputeCapability device) {
        SortedSet<ComputeCapability> code = CudaCode.of(library);
        if (!code.isEmpty() && code.stream().noneMatch(device::runs)) {
            String capabilities = code.stream().map(Object::toString).collect(Collectors.joining(", "));
            throw new OnnxException(
                    "--device cuda: the GPU has compute capability %s, and %s has code for %s: docs/gpu.md names other builds"
                            .formatted(device, library.getFileName(), capabilities));
        }
    }

    static ComputeCapability capability(SymbolLookup driver, int device) {
        return new ComputeCapability(attribute(driver, MAJOR, device), attribute(driver, MINOR, device));
    }

    private static int attribute(SymbolLookup driver, int attribute, int device) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment handle = arena.allocate(JAVA_INT);
            MemorySegment value = arena.allocate(JAVA_INT);
            if (call(driver, "cuInit", INIT, 0) != 0
                    || call(driver, "cuDeviceGet", GET, handle, device) != 0
                    || call(driver, "cuDeviceGetAttribute", ATTRIBUTE, value, attribute, handle.get(JAVA_INT, 0))
                            != 0) {
                throw noSuchDevice(device);
            }
            return value.get(JAVA_INT, 0);
        }
    }

    private static OnnxException noSuchDevice(int device) {
        return new OnnxException("--cuda-device %d: the NVIDIA driver finds no such GPU".formatted(device));
    }

    /**
     * Bytes of memory that a GPU has in all.
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
                throw noSuchDevice(device);
            }
            return bytes.get(JAVA_LONG, 0);
        }
    }

    private static int devices(SymbolLookup driver) {
        try (Arena arena = Arena.ofConfined()) {
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
            throw new OnnxException("The NVIDIA driver cannot be asked: " + e.getMessage(), e);
        }
    }
}
