package io.github.describeanything.model.vision;

import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * What the decoder sees of a region: the embeddings of its frames. Immutable; the array is not to be changed.
 *
 * @param key identifies pictures and masks by content
 * @param embeddings [frames * tokens, hidden_size], row-major
 * @param prepare time spent decoding, cutting and resizing
 * @param encode time spent in the vision graph
 */
public record RegionFeatures(ByteBuffer key, float[] embeddings, Duration prepare, Duration encode) {

    /** Bytes held. */
    public long bytes() {
        return (long) embeddings.length * Float.BYTES;
    }
}
