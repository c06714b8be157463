package io.github.describeanything.model.onnx;

/** Element types of ONNX tensors by their numbers in the C API. */
final class Tensors {
    static final int FLOAT = 1;
    static final int INT32 = 6;
    static final int FLOAT16 = 10;

    private Tensors() {}

    /** Bytes an element. */
    static int bytes(int type) {
        return type == FLOAT16 ? 2 : 4;
    }
}
