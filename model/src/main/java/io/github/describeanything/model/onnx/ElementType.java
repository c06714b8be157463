package io.github.describeanything.model.onnx;

import io.github.describeanything.model.bundle.Manifest.DType;

/** Element types of ONNX tensors. */
enum ElementType {
    FLOAT(1, 4),
    INT32(6, 4),
    FLOAT16(10, 2),
    BFLOAT16(16, 2);

    private final int number;
    private final int bytes;

    ElementType(int number, int bytes) {
        this.number = number;
        this.bytes = bytes;
    }

    static ElementType of(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> FLOAT;
            case FLOAT16 -> FLOAT16;
            case BFLOAT16 -> BFLOAT16;
        };
    }

    /** The type's number in the C API. */
    int number() {
        return number;
    }

    /** Size of a tensor with these dimensions in bytes. */
    long bytes(long... dims) {
        long size = bytes;
        for (long dim : dims) {
            size *= dim;
        }
        return size;
    }
}
