package io.github.describeanything.model.onnx;

import io.github.describeanything.model.bundle.Manifest.DType;

/**
 * Dimensions of a decoder graph and of the key-value cache that it updates. Immutable.
 *
 * @param layers decoder layers, each with keys and values
 * @param heads key-value heads
 * @param headDim elements of a head
 * @param hiddenSize elements of one embedding
 * @param vocabSize logits of a row
 * @param dtype element type of embeddings and cache
 * @param slots sequences side by side
 * @param context tokens that a slot holds
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
