package io.github.describeanything.model.onnx;

import io.github.describeanything.model.ModelException;
import org.jspecify.annotations.Nullable;

/** ONNX Runtime refused or broke off. */
public final class OnnxException extends ModelException {
    public OnnxException(String message) {
        super(message);
    }

    public OnnxException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Whether memory of the host or the device ran out: the work may succeed later, with less beside it. */
    public static boolean outOfMemory(@Nullable Throwable thrown) {
        return thrown instanceof OutOfMemoryError
                || thrown instanceof OnnxException onnx && (onnx.saysSo() || outOfMemory(onnx.getCause()));
    }

    private boolean saysSo() {
        String message = String.valueOf(getMessage());
        return message.contains("Failed to allocate memory")
                || message.contains("out of memory")
                || message.contains("CUBLAS_STATUS_ALLOC_FAILED")
                || message.contains("bad_alloc");
    }
}
