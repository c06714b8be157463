package io.github.describeanything.model.onnx;

import io.github.describeanything.model.api.ModelException;
import org.jspecify.annotations.Nullable;

/** A failure of ONNX Runtime or its device. */
public final class OnnxException extends ModelException {
    public OnnxException(String message) {
        super(message);
    }

    public OnnxException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Whether the host or the device ran out of memory; a retry may succeed. */
    public static boolean outOfMemory(@Nullable Throwable thrown) {
        return thrown instanceof OutOfMemoryError
                || thrown instanceof OnnxException onnx && (onnx.mentionsMemory() || outOfMemory(onnx.getCause()));
    }

    private boolean mentionsMemory() {
        String message = String.valueOf(getMessage());
        return message.contains("Failed to allocate memory")
                || message.contains("out of memory")
                || message.contains("CUBLAS_STATUS_ALLOC_FAILED")
                || message.contains("bad_alloc");
    }
}
