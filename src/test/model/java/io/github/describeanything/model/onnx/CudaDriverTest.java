package io.github.describeanything.model.onnx;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class CudaDriverTest {

    /** Decoding must not wait for a picture that is encoded on another stream. */
    @Test
    void anUploadWaitsForItsOwnStreamAlone() {
        try (Arena arena = Arena.ofConfined()) {
            var fake = new FakeDriver(new ComputeCapability(9, 0), arena);
            var driver = new CudaDriver(fake, 0);
            MemorySegment host = arena.allocateFrom(JAVA_INT, 1, 2, 3);
            MemorySegment device = arena.allocate(12);
            fake.calls.clear();

            driver.upload(host, device, 8);

            assertThat(device.toArray(JAVA_INT)).containsExactly(1, 2, 0);
            assertThat(fake.calls)
                    .containsExactly(
                            "cuCtxSetCurrent " + FakeDriver.CONTEXT, "cuMemcpyHtoD_v2", "cuStreamSynchronize 0");
        }
    }

    @Test
    void aDownloadIsCompleteWhenItReturns() {
        try (Arena arena = Arena.ofConfined()) {
            var fake = new FakeDriver(new ComputeCapability(9, 0), arena);
            var driver = new CudaDriver(fake, 0);
            MemorySegment device = arena.allocateFrom(JAVA_INT, 4, 5, 6);
            MemorySegment host = arena.allocate(12);

            driver.download(device, host, 8);

            assertThat(host.toArray(JAVA_INT)).containsExactly(4, 5, 0);
        }
    }

    @Test
    void memoryIsClearedBeforeAnyStreamUsesIt() {
        try (Arena arena = Arena.ofConfined()) {
            var fake = new FakeDriver(new ComputeCapability(9, 0), arena);
            var driver = new CudaDriver(fake, 0);
            MemorySegment device = arena.allocateFrom(JAVA_INT, 7, 8, 9);

            driver.clear(device, 8);

            assertThat(device.toArray(JAVA_INT)).containsExactly(0, 0, 9);
            assertThat(fake.calls).endsWith("cuMemsetD8_v2", "cuStreamSynchronize 0");
        }
    }
}
