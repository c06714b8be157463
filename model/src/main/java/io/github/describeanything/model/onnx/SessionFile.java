package io.github.describeanything.model.onnx;

import static java.lang.foreign.ValueLayout.ADDRESS;

import java.io.File;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;

/** Opens a graph's file as a session of the C API. Stateless. */
final class SessionFile {
    private static final int OPTIMISE_ALL = 99;

    private SessionFile() {}

    /**
     * Loads a graph to run on {@code placement}; the caller owns the session. @throws OnnxException if it cannot be
     * loaded
     */
    static MemorySegment open(MemorySegment environment, Path file, Placement placement) {
        OrtApi api = OrtApi.get();
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment options = api.create(api.createSessionOptions)
                    .reinterpret(scratch, it -> api.release(api.releaseSessionOptions, it));
            api.call(api.setGraphOptimizationLevel, options, OPTIMISE_ALL);
            api.call(api.setIntraOpNumThreads, options, placement.threads());
            // Shapes change from run to run, and a memory plan for each would stay allocated.
            api.call(api.disableMemPattern, options);
            configure(scratch, options, "session.intra_op.allow_spinning", "0");
            configure(scratch, options, "session.use_device_allocator_for_initializers", "1");
            if (SaturationProbe.saturates()) {
                configure(scratch, options, "session.x64quantprecision", "1");
            }
            if (placement.cuda()) {
                appendCuda(scratch, options, placement);
            }
            return api.create(api.createSession, environment, path(scratch, file), options);
        } catch (OnnxException e) {
            throw new OnnxException(file.getFileName() + " cannot be loaded: " + e.getMessage(), e);
        }
    }

    private static void configure(Arena scratch, MemorySegment options, String key, String value) {
        OrtApi api = OrtApi.get();
        api.call(api.addSessionConfigEntry, options, scratch.allocateFrom(key), scratch.allocateFrom(value));
    }

    private static void appendCuda(Arena scratch, MemorySegment options, Placement placement) {
        OrtApi api = OrtApi.get();
        MemorySegment cuda =
                api.create(api.createCudaOptions).reinterpret(scratch, it -> api.release(api.releaseCudaOptions, it));
        var settings = new LinkedHashMap<>(placement.providerOptions());
        settings.put("device_id", Integer.toString(placement.deviceId()));
        settings.put("enable_cuda_graph", placement.captured() ? "1" : "0");
        MemorySegment keys = scratch.allocate(ADDRESS, settings.size());
        MemorySegment values = scratch.allocate(ADDRESS, settings.size());
        int i = 0;
        for (var setting : settings.entrySet()) {
            keys.setAtIndex(ADDRESS, i, scratch.allocateFrom(setting.getKey()));
            values.setAtIndex(ADDRESS, i, scratch.allocateFrom(setting.getValue()));
            i++;
        }
        api.call(api.updateCudaOptions, cuda, keys, values, (long) settings.size());
        api.call(api.appendCuda, options, cuda);
    }

    /** A path in the C API's encoding: UTF-16 on Windows, UTF-8 elsewhere. */
    private static MemorySegment path(Arena scratch, Path file) {
        return scratch.allocateFrom(
                file.toAbsolutePath().toString(),
                File.separatorChar == '\\' ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_8);
    }
}
