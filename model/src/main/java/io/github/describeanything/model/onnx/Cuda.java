package io.github.describeanything.model.onnx;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtProvider;
import java.io.File;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;

/** Whether there is a GPU to run on, asked of the driver itself, which takes no time. Stateless. */
public final class Cuda {
    private static final String DRIVER = File.separatorChar == '\\' ? "nvcuda.dll" : "libcuda.so.1";

    private Cuda() {}

    /** @throws OnnxException saying what is missing, if no graph can run on CUDA here */
    public static void require() {
        NativeLibrary.environment();
        if (!OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
            throw new OnnxException(
                    "--device cuda: this build of ONNX Runtime has no CUDA; name a folder with one that has"
                            + " in DAM_ONNXRUNTIME, or use the CUDA image");
        }
        if (devices() == 0) {
            throw new OnnxException("--device cuda: the NVIDIA driver finds no GPU");
        }
    }

    private static int devices() {
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup driver = SymbolLookup.libraryLookup(DRIVER, arena);
            int status = call(driver, "cuInit", FunctionDescriptor.of(JAVA_INT, JAVA_INT), 0);
            MemorySegment count = arena.allocate(JAVA_INT);
            if (status == 0) {
                status = call(driver, "cuDeviceGetCount", FunctionDescriptor.of(JAVA_INT, ADDRESS), count);
            }
            return status == 0 ? count.get(JAVA_INT, 0) : 0;
        } catch (IllegalArgumentException e) {
            throw new OnnxException("--device cuda: there is no NVIDIA driver (" + DRIVER + ")", e);
        }
    }

    private static int call(SymbolLookup driver, String name, FunctionDescriptor type, Object argument) {
        try {
            return (int) Linker.nativeLinker()
                    .downcallHandle(driver.findOrThrow(name), type)
                    .invokeWithArguments(argument);
        } catch (Throwable e) {
            throw new OnnxException("The NVIDIA driver cannot be asked: " + e.getMessage(), e);
        }
    }
}
