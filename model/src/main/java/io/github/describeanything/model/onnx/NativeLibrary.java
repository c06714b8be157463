package io.github.describeanything.model.onnx;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Loads ONNX Runtime's library once, for the Java API and the C API. Thread-safe.
 *
 * <p>If the system property {@code onnxruntime.native.path} names a folder, its libraries are used, for example a build
 * for another CUDA version. Otherwise the libraries in the jar are unpacked into a temporary folder. Its files are
 * deleted once loaded, so a killed process leaves none behind; on Windows, and if ONNX Runtime loads more on demand
 * (CUDA), they are deleted when the process exits.
 */
final class NativeLibrary {
    private static final String PATH_PROPERTY = "onnxruntime.native.path";

    private static final String CUDA_PROVIDER = "onnxruntime_providers_cuda";
    private static final List<String> NEEDED = List.of("onnxruntime", "onnxruntime4j_jni");
    private static final List<String> LIBRARIES =
            List.of("onnxruntime", "onnxruntime4j_jni", "onnxruntime_providers_shared", CUDA_PROVIDER);
    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
    private static final int MAX_COMMAND_LINE_LENGTH = 3900;

    private NativeLibrary() {}

    /** The Java API's environment, created on first use from the same library as {@link #symbols}. */
    static OrtEnvironment environment() {
        return Holder.ENVIRONMENT;
    }

    /** Symbols of the C API. */
    static SymbolLookup symbols() {
        return Holder.SYMBOLS;
    }

    private static final class Holder {
        static final OrtEnvironment ENVIRONMENT;
        static final SymbolLookup SYMBOLS;

        static {
            requireShortCommandLine();
            Telemetry.disable();
            boolean unpacked = System.getProperty(PATH_PROPERTY) == null;
            Path folder = folder();
            ENVIRONMENT = OrtEnvironment.getEnvironment("describe-anything");
            SYMBOLS = SymbolLookup.libraryLookup(folder.resolve(fileName("onnxruntime")), Arena.global());
            if (unpacked && !Files.exists(folder.resolve(fileName(CUDA_PROVIDER)))) {
                deleteLoaded(folder);
            }
        }
    }

    /** ONNX Runtime 1.29 crashes if the command line is longer than about 3,980 bytes (seen on Linux). */
    private static void requireShortCommandLine() {
        try {
            if (Files.readAllBytes(COMMAND_LINE).length > MAX_COMMAND_LINE_LENGTH) {
                throw new OnnxException("The command line is too long: ONNX Runtime would crash."
                        + " Pass the class path in the environment variable CLASSPATH or in an @argfile");
            }
        } catch (IOException e) {
            // Not Linux, or not readable: assume that it is short enough.
        }
    }

    private static Path folder() {
        String chosen = System.getProperty(PATH_PROPERTY);
        if (chosen != null) {
            requireLibraries(Path.of(chosen));
            return Path.of(chosen);
        }
        try {
            Path folder = Files.createTempDirectory("describe-anything-onnxruntime");
            folder.toFile().deleteOnExit();
            for (String name : LIBRARIES) {
                unpack(fileName(name), folder);
            }
            if (!Files.exists(folder.resolve(fileName("onnxruntime")))) {
                throw new OnnxException("The class path holds no ONNX Runtime library for " + platform()
                        + ": name a folder that has one with -D" + PATH_PROPERTY);
            }
            System.setProperty(PATH_PROPERTY, folder.toString());
            return folder;
        } catch (IOException e) {
            throw new OnnxException(
                    "ONNX Runtime's library cannot be unpacked into the temporary folder "
                            + System.getProperty("java.io.tmpdir") + ": " + e.getMessage(),
                    e);
        }
    }

    /** Other builds leave some of them out, or name them differently. */
    static void requireLibraries(Path folder) {
        List<String> missing = NEEDED.stream()
                .map(NativeLibrary::fileName)
                .filter(it -> !Files.exists(folder.resolve(it)))
                .toList();
        if (!missing.isEmpty()) {
            throw new OnnxException(
                    "%s, the folder of ONNX Runtime's libraries, lacks %s: docs/gpu.md says how to complete it"
                            .formatted(folder, String.join(" and ", missing)));
        }
    }

    /** The library that runs graphs on CUDA, if it is there. */
    static Path cudaProvider() {
        return Path.of(System.getProperty(PATH_PROPERTY)).resolve(fileName(CUDA_PROVIDER));
    }

    /** Loaded libraries no longer need their files, but Windows refuses to delete them. */
    private static void deleteLoaded(Path folder) {
        try {
            for (String name : LIBRARIES) {
                Files.deleteIfExists(folder.resolve(fileName(name)));
            }
        } catch (IOException e) {
            // They are deleted when the process exits.
        }
    }

    private static void unpack(String file, Path folder) throws IOException {
        try (InputStream in =
                OrtEnvironment.class.getResourceAsStream("/ai/onnxruntime/native/" + platform() + "/" + file)) {
            if (in != null) {
                Path target = folder.resolve(file);
                Files.copy(in, target);
                target.toFile().deleteOnExit();
            }
        }
    }

    private static String fileName(String library) {
        return System.mapLibraryName(library);
    }

    /** The folder name of this platform in ONNX Runtime's jar. */
    private static String platform() {
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        String osPart = os.contains("mac") ? "osx" : os.contains("win") ? "win" : "linux";
        String archPart = arch.equals("aarch64") || arch.equals("arm64") ? "aarch64" : "x64";
        return osPart + "-" + archPart;
    }
}
