package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;
import static io.github.describeanything.focal.PictureException.Reason.UNSUPPORTED;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.describeanything.focal.PictureException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Calls libwebp, which decodes lossy colours only. Thread-safe.
 *
 * <p>The library comes from the jar of webp-imageio, for Linux (x86-64, aarch64; glibc), macOS and Windows (x86-64). It
 * is unpacked into a temporary folder at the first lossy WebP and deleted once loaded, so a killed process leaves
 * nothing behind; on Windows it is deleted when the process exits. The system property {@code libwebp.path} names
 * another file to load, for example on Alpine Linux. If no library can be loaded, only lossy WebP is refused.
 */
final class Libwebp {
    private static final String PATH_PROPERTY = "libwebp.path";
    /** 1.3.2 fixes CVE-2023-4863. */
    private static final int MIN_VERSION = 0x010302;

    private Libwebp() {}

    /**
     * Decodes one {@code VP8 } chunk.
     *
     * @param width from its header
     * @param height from its header
     * @return RGBA, row by row from the top, all opaque
     */
    static byte[] rgba(ByteBuffer chunk, int width, int height) {
        MethodHandle decode = Holder.DECODE;
        if (decode == null) {
            throw new PictureException(
                    UNSUPPORTED, "Lossy WebP cannot be read here: send PNG or JPEG. " + Holder.reason);
        }
        int padded = chunk.remaining() + (chunk.remaining() & 1);
        long bytes = 4L * width * height;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment file = arena.allocate(20L + padded);
            ByteBuffer head = file.asByteBuffer().order(java.nio.ByteOrder.LITTLE_ENDIAN);
            head.put("RIFF".getBytes(StandardCharsets.ISO_8859_1)).putInt(12 + padded);
            head.put("WEBPVP8 ".getBytes(StandardCharsets.ISO_8859_1)).putInt(chunk.remaining());
            head.put(20, chunk, 0, chunk.remaining());
            MemorySegment rgba = arena.allocate(bytes);
            var result = (MemorySegment) decode.invokeExact(file, file.byteSize(), rgba, bytes, 4 * width);
            if (result.address() == 0) {
                throw new PictureException(MALFORMED, "The WebP is damaged or ends inside its pixels");
            }
            return rgba.toArray(JAVA_BYTE);
        } catch (PictureException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("libwebp cannot be called", e);
        }
    }

    private static final class Holder {
        static final @Nullable MethodHandle DECODE;
        static String reason = "";

        static {
            MethodHandle decode = null;
            try {
                decode = load();
            } catch (IOException | IllegalArgumentException | IllegalCallerException e) {
                reason = "libwebp cannot be loaded: name a library for this machine with -D" + PATH_PROPERTY;
            }
            DECODE = decode;
        }

        private static MethodHandle load() throws IOException {
            String chosen = System.getProperty(PATH_PROPERTY);
            SymbolLookup library =
                    chosen != null ? SymbolLookup.libraryLookup(Path.of(chosen), Arena.global()) : unpacked();
            Linker linker = Linker.nativeLinker();
            try {
                int version = (int) linker.downcallHandle(
                                library.findOrThrow("WebPGetDecoderVersion"), FunctionDescriptor.of(JAVA_INT))
                        .invokeExact();
                if (version < MIN_VERSION) {
                    throw new IllegalArgumentException("libwebp is older than 1.3.2");
                }
            } catch (IllegalArgumentException e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalArgumentException("libwebp's version cannot be read", e);
            }
            return linker.downcallHandle(
                    library.findOrThrow("WebPDecodeRGBAInto"),
                    FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_INT));
        }

        private static SymbolLookup unpacked() throws IOException {
            String name = System.mapLibraryName("webp-imageio");
            try (InputStream in = Libwebp.class.getResourceAsStream("/native/" + platform() + "/" + name)) {
                if (in == null) {
                    throw new IOException("No libwebp for " + platform());
                }
                Path folder = Files.createTempDirectory("describe-anything-webp");
                Path file = folder.resolve(name);
                try {
                    Files.copy(in, file);
                    return SymbolLookup.libraryLookup(file, Arena.global());
                } finally {
                    remove(file, folder);
                }
            }
        }

        /**
         * A loaded library no longer needs its file, except on Windows, where it cannot be deleted before the process
         * exits.
         */
        private static void remove(Path file, Path folder) {
            try {
                Files.deleteIfExists(file);
                Files.delete(folder);
            } catch (IOException e) {
                folder.toFile().deleteOnExit();
                file.toFile().deleteOnExit();
            }
        }

        /** The folder of this platform in the jar. */
        private static String platform() {
            String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
            String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
            String osPart = os.contains("mac") ? "Mac" : os.contains("win") ? "Windows" : "Linux";
            return osPart + "/" + (arch.equals("amd64") ? "x86_64" : arch.equals("arm64") ? "aarch64" : arch);
        }
    }
}
