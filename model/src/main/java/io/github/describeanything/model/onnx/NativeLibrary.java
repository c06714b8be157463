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
 * The one copy of ONNX Runtime's library, which the Java API and the foreign-function binding share. Thread-safe.
 *
 * <p>If the system property {@code onnxruntime.native.path} names a folder, its libraries are used: that is how to choose
 * another build, such as one for another CUDA. Otherwise the libraries in the jar are unpacked into a temporary folder.
 * Its files are deleted once they are loaded, so that a killed program leaves none behind; on Windows, and where ONNX
 * Runtime loads more on demand (CUDA), they are deleted when the program ends.
 */
final class NativeLibrary {
    private static final String PATH_PROPERTY = "onnxruntime.native.path";

    private static final String CUDA_PROVIDER = "onnxruntime_providers_cuda";
    private static final List<String> NEEDED = List.of("onnxruntime", "onnxruntime4j_jni");
    private static final List<String> LIBRARIES =
            List.of("onnxruntime", "onnxruntime4j_jni", "onnxruntime_providers_shared", CUDA_PROVIDER);
    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
    private static final int LONGEST_COMMAND_LINE = 3900;

    private NativeLibrary() {}

    /** Environment of the Java API, created on first use, from the same library as {@link #symbols}. */
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

    /** ONNX Runtime 1.29 ends the process when its command line is longer than about 3,980 bytes (seen on Linux). */
    private static void requireShortCommandLine() {
        try {
            if (Files.readAllBytes(COMMAND_LINE).length > LONGEST_COMMAND_LINE) {
                throw new OnnxException("The program's command line is too long: ONNX Runtime would crash."
                        + " Pass the class path in the environment variable CLASSPATH or in an @argfile");
            }
        } catch (IOException e) {
            // Not Linux, or not readable: the length is unknown.
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

    /** Other builds name them otherwise or leave them out. */
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

    /** Loaded libraries do not need their files; Windows does not let them be deleted. */
    private static void deleteLoaded(Path folder) {
        try {
            for (String name : LIBRARIES) {
                Files.deleteIfExists(folder.resolve(fileName(name)));
            }
        } catch (IOException e) {
            // They are deleted when the program ends.
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
