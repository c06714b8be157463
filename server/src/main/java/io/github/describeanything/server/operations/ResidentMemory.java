package io.github.describeanything.server.operations;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The process's resident memory, where the system tells it. Stateless. */
final class ResidentMemory {
    private static final Path STATUS = Path.of("/proc/self/status");

    private ResidentMemory() {}

    /** Bytes; not a number where it is unknown. */
    static double bytes() {
        try (var lines = Files.lines(STATUS)) {
            return lines.filter(it -> it.startsWith("VmRSS:"))
                    .mapToDouble(it -> Double.parseDouble(it.replaceAll("\\D", "")) * 1024)
                    .findFirst()
                    .orElse(Double.NaN);
        } catch (IOException | NumberFormatException e) {
            return Double.NaN;
        }
    }
}
