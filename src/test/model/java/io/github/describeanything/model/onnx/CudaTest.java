package io.github.describeanything.model.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CudaTest {
    private static final int MACHINE_CODE = 2;
    private static final int PTX = 1;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"1.23.2", "1.27.0"})
    void aLibraryThatWouldRunNodesOnTheCpuIsRefused(String version) {
        assertThatThrownBy(() -> Cuda.requireVersion(version))
                .isInstanceOf(OnnxException.class)
                .hasMessage("--device cuda needs ONNX Runtime 1.28 or later, and this is " + version
                        + ": set DAM_ONNXRUNTIME to another one");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.28.0", "1.29.0", "1.100.0", "2.0.0"})
    void laterLibrariesAreTaken(String version) {
        assertThatCode(() -> Cuda.requireVersion(version)).doesNotThrowAnyException();
    }

    @Test
    void theLibraryIsAskedForItsVersion() {
        assertThat(OrtApi.version()).matches("1\\.\\d+\\.\\d+");
    }

    @Test
    void theDriverTellsTheComputeCapability() {
        try (Arena arena = Arena.ofConfined()) {
            var expected = new ComputeCapability(10, 3);
            assertThat(Cuda.capability(new FakeDriver(expected, arena), 0)).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @CsvSource({"9, 0", "8, 0", "8, 9", "12, 1"})
    void aGpuRunsCodeOfItsMajorAndNoLaterMinor(int major, int minor) throws IOException {
        Path library = library(MACHINE_CODE, 80, 86, 90, 120);
        assertThat(CudaCode.of(library)).map(Object::toString).containsExactly("8.0", "8.6", "9.0", "12.0");
        assertThatCode(() -> Cuda.requireCode(library, new ComputeCapability(major, minor)))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({"10, 0", "7, 5"})
    void aGpuThatTheLibraryHasNoCodeForIsRefused(int major, int minor) throws IOException {
        Path library = library(MACHINE_CODE, 80, 86, 90, 120);
        assertThatThrownBy(() -> Cuda.requireCode(library, new ComputeCapability(major, minor)))
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("the GPU has compute capability %d.%d", major, minor)
                .hasMessageContaining("has code for 8.0, 8.6, 9.0, 12.0:");
    }

    @Test
    void codeThatTheDriverCompilesRunsAnywhere() throws IOException {
        Path library = library(PTX, 80);
        assertThatCode(() -> Cuda.requireCode(library, new ComputeCapability(10, 0)))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 64, 200, 5000})
    void whatCannotBeReadIsNotRefused(int bytes) throws IOException {
        byte[] whole = Files.readAllBytes(library(MACHINE_CODE, 80));
        Path damaged = Files.write(folder.resolve("damaged.so"), Arrays.copyOf(whole, bytes));
        if (bytes < whole.length) {
            assertThat(CudaCode.of(damaged)).isEmpty();
        }
        assertThat(CudaCode.of(folder.resolve("missing.so"))).isEmpty();
        assertThatCode(() -> Cuda.requireCode(damaged, new ComputeCapability(8, 0)))
                .doesNotThrowAnyException();
    }

    /** An ELF file with one section of two fat binaries, 8 bytes apart, that have one entry for each architecture. */
    private Path library(int kind, int... architectures) throws IOException {
        byte[] names = "\0.nv_fatbin\0.shstrtab\0".getBytes(StandardCharsets.US_ASCII);
        int sections = 64 + 32;
        int code = sections + 3 * 64;
        int fatBinary = 16 + architectures.length * (64 + 32);
        ByteBuffer file = ByteBuffer.allocate(code + 2 * fatBinary + 8).order(ByteOrder.LITTLE_ENDIAN);
        file.put(0, new byte[] {0x7f, 'E', 'L', 'F'});
        file.putLong(0x28, sections)
                .putShort(0x3a, (short) 64)
                .putShort(0x3c, (short) 3)
                .putShort(0x3e, (short) 2);
        file.put(64, names);
        section(file, sections + 64, 1, code, 2 * fatBinary + 8);
        section(file, sections + 2 * 64, 12, 64, names.length);
        for (int start : new int[] {code, code + fatBinary + 8}) {
            file.putInt(start, 0xba55ed50).putShort(start + 4, (short) 1).putShort(start + 6, (short) 16);
            file.putLong(start + 8, fatBinary - 16);
            for (int i = 0; i < architectures.length; i++) {
                int entry = start + 16 + i * (64 + 32);
                file.putShort(entry, (short) kind).putInt(entry + 4, 64).putLong(entry + 8, 32);
                file.putInt(entry + 28, architectures[i]);
            }
        }
        return Files.write(folder.resolve("libonnxruntime_providers_cuda.so"), file.array());
    }

    private static void section(ByteBuffer file, int header, int name, int offset, int size) {
        file.putInt(header, name).putLong(header + 0x18, offset).putLong(header + 0x20, size);
    }
}
