package io.github.describeanything.model.onnx;

/** Element types of ONNX tensors by their numbers in the C API. */
final class Tensors {
    static final int FLOAT = 1;
    static final int INT32 = 6;
    static final int FLOAT16 = 10;
    static final int BFLOAT16 = 16;

    private Tensors() {}

    /** Bytes an element. */
    static int bytes(int type) {
        return switch (type) {
            case FLOAT, INT32 -> 4;
            case FLOAT16, BFLOAT16 -> 2;
            default -> throw new IllegalArgumentException("element type " + type);
        };
    }
}
