package io.github.describeanything.server.video;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The ffmpeg program in the jar, for Linux with glibc on x86-64 and aarch64. Thread-safe.
 *
 * <p>It is unpacked into a temporary folder that only this user can enter, checked against the SHA-256 sums in this
 * module, and deleted when Java exits.
 */
final class BundledFfmpeg {
    private static final String SUMS = "/ffmpeg.sha256";

    /**
     * Libraries of displays, sound and graphics cards that the program is linked with and that servers lack. It calls none
     * of them here, so the loader is satisfied by a link to any library without versions of its symbols.
     */
    private static final List<String> STAND_INS = List.of(
            "libasound.so.2",
            "libdrm.so.2",
            "libpulse.so.0",
            "libudev.so.1",
            "libva-drm.so.2",
            "libva.so.2",
            "libxcb-shm.so.0",
            "libxcb.so.1");

    private static final String STAND_IN = "libjniswresample.so";
    static final String PROGRAM = "ffmpeg";

    private static Optional<Path> unpacked = Optional.empty();

    private BundledFfmpeg() {}

    /** The program for this platform, unpacked once for all; again if a cleaner of temporary files removed it. */
    static synchronized Optional<Path> program() throws IOException {
        if (unpacked.filter(Files::isExecutable).isEmpty()) {
            unpacked = unpack();
        }
        return unpacked;
    }

    /** Unpacks the program for this platform; empty if the jar has none. @throws IOException if it is damaged or cannot be written */
    static Optional<Path> unpack() throws IOException {
        String folder = "/org/bytedeco/ffmpeg/" + platform() + "/";
        Map<String, String> sums = sums(platform());
        if (sums.isEmpty() || BundledFfmpeg.class.getResource(folder + PROGRAM) == null) {
            return Optional.empty();
        }
        Path target = Files.createTempDirectory("describe-anything-ffmpeg");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(target)));
        for (String name : sums.keySet()) {
            try (InputStream in = BundledFfmpeg.class.getResourceAsStream(folder + name)) {
                if (in == null) {
                    throw new IOException("the jar lacks " + name);
                }
                Files.copy(in, target.resolve(name));
            }
        }
        Optional<String> damaged = damaged(target);
        if (damaged.isPresent()) {
            throw new IOException(damaged.get() + " does not have the SHA-256 sum that this build expects");
        }
        for (String name : STAND_INS) {
            Files.createSymbolicLink(target.resolve(name), Path.of(STAND_IN));
        }
        Path program = target.resolve(PROGRAM);
        if (!program.toFile().setExecutable(true, true)) {
            throw new IOException(program + " cannot be made executable");
        }
        return Optional.of(program);
    }

    /** The sums of one platform's files, by name, from lines as {@code sha256sum} writes them. */
    private static Map<String, String> sums(String platform) throws IOException {
        var sums = new LinkedHashMap<String, String>();
        try (InputStream in = BundledFfmpeg.class.getResourceAsStream(SUMS)) {
            if (in == null) {
                return sums;
            }
            for (String line : new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .toList()) {
                String[] parts = line.split("  " + platform + "/", 2);
                if (parts.length == 2) {
                    sums.put(parts[1], parts[0]);
                }
            }
        }
        return sums;
    }

    /** The first file in a folder that is not as expected. Reads back what is on the disk, where writing may have failed. */
    static Optional<String> damaged(Path folder) throws IOException {
        for (var file : sums(platform()).entrySet()) {
            if (!sum(folder.resolve(file.getKey())).equals(file.getValue())) {
                return Optional.of(file.getKey());
            }
        }
        return Optional.empty();
    }

    private static String sum(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            var buffer = new byte[1 << 16];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                sha.update(buffer, 0, read);
            }
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java runtime lacks SHA-256", e);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(it -> it.toFile().delete());
        } catch (IOException | UncheckedIOException e) {
            // Left for the system to clean up.
        }
    }

    /** This platform's name in the jar. */
    private static String platform() {
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        return os + "-" + (arch.equals("amd64") ? "x86_64" : arch.equals("aarch64") ? "arm64" : arch);
    }
}
