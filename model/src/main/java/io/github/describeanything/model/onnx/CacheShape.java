package io.github.describeanything.model.onnx;

import io.github.describeanything.model.bundle.Manifest.DType;

/**
 * Dimensions of a decoder graph and of its KV cache. Immutable.
 *
 * @param layers decoder layers, each with keys and values
 * @param heads key-value heads
 * @param headDim elements per head
 * @param hiddenSize elements per embedding
 * @param vocabSize logits per row
 * @param dtype element type of embeddings and cache
 * @param slots sequences that decode concurrently
 * @param context capacity of a slot in tokens
 */
public record CacheShape(
        int layers, int heads, int headDim, int hiddenSize, int vocabSize, DType dtype, int slots, int context) {

    /** Bytes of one element of embeddings and cache. */
    int elementBytes() {
        return dtype.bytes();
    }

    ElementType elementType() {
        return ElementType.of(dtype);
    }

    /** Bytes of the keys, or of the values, of one slot in one layer. */
    long slotBytes() {
        return (long) heads * context * headDim * elementBytes();
    }

    /** Bytes of the whole cache. */
    public long totalBytes() {
        return 2L * layers * slots * slotBytes();
    }
}
