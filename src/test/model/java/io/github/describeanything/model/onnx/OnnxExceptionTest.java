package io.github.describeanything.model.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.junit.jupiter.api.Test;

class OnnxExceptionTest {

    @Test
    void detectsOutOfMemoryOfHostAndDevice() throws Exception {
        var heap = MethodHandles.lookup()
                .findStatic(OnnxExceptionTest.class, "heapIsFull", MethodType.methodType(Object.class));
        assertThat(OnnxException.outOfMemory(thrownBy(() -> OrtApi.get().call(heap))))
                .as("in the middle of a call")
                .isTrue();
        assertThat(OnnxException.outOfMemory(new OnnxException("CUDA failure 2: out of memory")))
                .isTrue();
        assertThat(OnnxException.outOfMemory(new OutOfMemoryError())).isTrue();
        assertThat(OnnxException.outOfMemory(new OnnxException("Invalid graph", new IllegalStateException())))
                .isFalse();
        assertThat(OnnxException.outOfMemory(new IllegalStateException(new OutOfMemoryError())))
                .isFalse();
    }

    private static Object heapIsFull() {
        throw new OutOfMemoryError("injected");
    }

    private static Throwable thrownBy(Runnable work) {
        return org.assertj.core.api.Assertions.catchThrowable(work::run);
    }
}
