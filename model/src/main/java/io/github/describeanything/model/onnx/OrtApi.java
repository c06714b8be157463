package io.github.describeanything.model.onnx;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The functions of ONNX Runtime's C API that its Java API lacks. Thread-safe, as the C API is.
 *
 * <p>{@code OrtApi} is a table of function pointers that later versions only append to, so the indices below hold for
 * every library that answers {@code GetApi(23)} (source: onnxruntime_c_api.h). Calls pin the carrier of a virtual
 * thread: use a platform thread.
 */
final class OrtApi {
    private static final int VERSION = 23;
    private static final long WHOLE = Long.MAX_VALUE;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final OrtApi INSTANCE = new OrtApi();

    private final MemorySegment table;
    private final MethodHandle getErrorMessage;
    private final MethodHandle releaseStatus;

    final MethodHandle createEnv;
    final MethodHandle createSession;
    final MethodHandle createSessionOptions;
    final MethodHandle disableMemPattern;
    final MethodHandle setGraphOptimizationLevel;
    final MethodHandle setIntraOpNumThreads;
    final MethodHandle createRunOptions;
    final MethodHandle setTerminate;
    final MethodHandle createTensorWithData;
    final MethodHandle createMemoryInfo;
    final MethodHandle createCpuMemoryInfo;
    final MethodHandle allocatorAlloc;
    final MethodHandle allocatorFree;
    final MethodHandle addSessionConfigEntry;
    final MethodHandle createAllocator;
    final MethodHandle runWithBinding;
    final MethodHandle createIoBinding;
    final MethodHandle bindInput;
    final MethodHandle bindOutput;
    final MethodHandle addRunConfigEntry;
    final MethodHandle appendCuda;
    final MethodHandle createCudaOptions;
    final MethodHandle updateCudaOptions;

    final MethodHandle releaseMemoryInfo;
    final MethodHandle releaseSession;
    final MethodHandle releaseValue;
    final MethodHandle releaseRunOptions;
    final MethodHandle releaseSessionOptions;
    final MethodHandle releaseAllocator;
    final MethodHandle releaseIoBinding;
    final MethodHandle releaseCudaOptions;

    private OrtApi() {
        MemorySegment base = apiTable();
        this.table = base;
        getErrorMessage = handle(2, ADDRESS, ADDRESS);
        releaseStatus = release(93);
        createEnv = status(3, JAVA_INT, ADDRESS, ADDRESS);
        createSession = status(7, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
        createSessionOptions = status(10, ADDRESS);
        disableMemPattern = status(17, ADDRESS);
        setGraphOptimizationLevel = status(23, ADDRESS, JAVA_INT);
        setIntraOpNumThreads = status(24, ADDRESS, JAVA_INT);
        createRunOptions = status(39, ADDRESS);
        setTerminate = status(46, ADDRESS);
        createTensorWithData = status(49, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS);
        createMemoryInfo = status(68, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
        createCpuMemoryInfo = status(69, JAVA_INT, JAVA_INT, ADDRESS);
        allocatorAlloc = status(75, ADDRESS, JAVA_LONG, ADDRESS);
        allocatorFree = status(76, ADDRESS, ADDRESS);
        addSessionConfigEntry = status(130, ADDRESS, ADDRESS, ADDRESS);
        createAllocator = status(131, ADDRESS, ADDRESS, ADDRESS);
        runWithBinding = status(133, ADDRESS, ADDRESS, ADDRESS);
        createIoBinding = status(134, ADDRESS, ADDRESS);
        bindInput = status(136, ADDRESS, ADDRESS, ADDRESS);
        bindOutput = status(137, ADDRESS, ADDRESS, ADDRESS);
        addRunConfigEntry = status(165, ADDRESS, ADDRESS, ADDRESS);
        appendCuda = status(204, ADDRESS, ADDRESS);
        createCudaOptions = status(205, ADDRESS);
        updateCudaOptions = status(206, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
        releaseMemoryInfo = release(94);
        releaseSession = release(95);
        releaseValue = release(96);
        releaseRunOptions = release(97);
        releaseSessionOptions = release(100);
        releaseAllocator = release(132);
        releaseIoBinding = release(135);
        releaseCudaOptions = release(208);
    }

    static OrtApi get() {
        return INSTANCE;
    }

    /** The version of the library, such as 1.29.0; the Java API's own may be another. */
    static String version() {
        try {
            MemorySegment function = base().get(ADDRESS, ADDRESS.byteSize());
            var text = (MemorySegment) LINKER.downcallHandle(function, FunctionDescriptor.of(ADDRESS))
                    .invokeExact();
            return text.reinterpret(WHOLE).getString(0);
        } catch (Throwable e) {
            throw new OnnxException("ONNX Runtime's version is not known", e);
        }
    }

    /** Calls a function that returns a status. @throws OnnxException with the library's message */
    void call(MethodHandle function, Object... arguments) {
        MemorySegment status;
        try {
            status = (MemorySegment) function.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new OnnxException("Call into ONNX Runtime failed", e);
        }
        check(status);
    }

    /** Calls a function whose last parameter receives a pointer, and returns that pointer. */
    MemorySegment create(MethodHandle function, Object... arguments) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ADDRESS);
            var all = new Object[arguments.length + 1];
            System.arraycopy(arguments, 0, all, 0, arguments.length);
            all[arguments.length] = out;
            call(function, all);
            return out.get(ADDRESS, 0);
        }
    }

    /** Releases a handle. */
    void release(MethodHandle function, MemorySegment handle) {
        try {
            function.invokeExact(handle);
        } catch (Throwable e) {
            throw new OnnxException("Call into ONNX Runtime failed", e);
        }
    }

    /** Frees a status. @throws OnnxException if it is an error */
    void check(MemorySegment status) {
        if (status.address() == 0) {
            return;
        }
        String message;
        try {
            var text = (MemorySegment) getErrorMessage.invokeExact(status);
            message = text.reinterpret(WHOLE).getString(0);
            releaseStatus.invokeExact(status);
        } catch (Throwable e) {
            throw new OnnxException("ONNX Runtime failed and its message cannot be read", e);
        }
        throw new OnnxException(message);
    }

    private static MemorySegment apiTable() {
        try {
            MemorySegment getApi = base().get(ADDRESS, 0);
            var api = (MemorySegment) LINKER.downcallHandle(getApi, FunctionDescriptor.of(ADDRESS, JAVA_INT))
                    .invokeExact(VERSION);
            if (api.address() == 0) {
                throw new OnnxException("This ONNX Runtime is older than version 1." + VERSION);
            }
            return api.reinterpret(300 * ADDRESS.byteSize());
        } catch (OnnxException e) {
            throw e;
        } catch (Throwable e) {
            throw new OnnxException("ONNX Runtime's C API is not available", e);
        }
    }

    /** Two functions: one gives the table, the other the version. */
    private static MemorySegment base() throws Throwable {
        MemorySegment getBase = NativeLibrary.symbols().findOrThrow("OrtGetApiBase");
        var base = (MemorySegment)
                LINKER.downcallHandle(getBase, FunctionDescriptor.of(ADDRESS)).invokeExact();
        return base.reinterpret(2 * ADDRESS.byteSize());
    }

    private MethodHandle status(int index, MemoryLayout... parameters) {
        return handle(index, ADDRESS, parameters);
    }

    private MethodHandle handle(int index, MemoryLayout result, MemoryLayout... parameters) {
        return LINKER.downcallHandle(table.getAtIndex(ADDRESS, index), FunctionDescriptor.of(result, parameters));
    }

    private MethodHandle release(int index) {
        return LINKER.downcallHandle(table.getAtIndex(ADDRESS, index), FunctionDescriptor.ofVoid(ADDRESS));
    }
}
