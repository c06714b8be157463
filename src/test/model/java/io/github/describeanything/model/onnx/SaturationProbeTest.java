package io.github.describeanything.model.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SaturationProbeTest {
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

    @Test
    void onlyX86WithoutVnniSaturates() throws IOException {
        assumeTrue(Files.isReadable(PROCESSORS) && System.getProperty("os.arch").equals("amd64"));
        boolean exact = Files.readString(PROCESSORS).contains("_vnni");
        assertThat(SaturationProbe.saturates()).isEqualTo(!exact);
    }
}
