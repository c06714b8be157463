package io.github.describeanything.focal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Loads libwebp in a process of its own, with and without the library. */
class LibwebpTest {
    /** Reads a lossy and a lossless picture, prints the outcome, and halts without running shutdown hooks. */
    public static final class Program {
        public static void main(String[] arguments) {
            var reader = new PictureReader(PictureLimits.DEFAULT);
            for (String name : List.of("webp-lossy.webp", "webp-lossless.webp")) {
                try {
                    System.out.println(
                            name + " " + reader.read(Fixtures.bytes(name)).width());
                } catch (PictureException e) {
                    System.out.println(name + " " + e.reason() + " " + e.getMessage());
                }
            }
            System.out.flush();
            Runtime.getRuntime().halt(0);
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aKilledProcessLeavesNoFiles(@TempDir Path temporary) throws Exception {
        assertThat(run("-Djava.io.tmpdir=" + temporary)).containsExactly("webp-lossy.webp 48", "webp-lossless.webp 48");

        try (var left =
                Files.list(temporary).filter(it -> !it.getFileName().toString().startsWith("hsperfdata"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void withoutTheLibraryOnlyLossyWebpIsRefused() throws Exception {
        List<String> lines = run("-Dlibwebp.path=/no/such/library");

        assertThat(lines).hasSize(2);
        assertThat(lines.getFirst())
                .startsWith("webp-lossy.webp UNSUPPORTED Lossy WebP cannot be read here: send PNG or JPEG")
                .contains("-Dlibwebp.path");
        assertThat(lines.getLast()).isEqualTo("webp-lossless.webp 48");
    }

    private static List<String> run(String option) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", option, Program.class.getName()));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        Process process = builder.start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(printed).isZero();
        return printed.lines().toList();
    }
}
