package io.github.describeanything.model.features;

import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * What the decoder sees of a region: the embeddings of its frames. Immutable: do not change the array.
 *
 * @param key identifies pictures and masks by content
 * @param embeddings [frames * tokens, hidden_size], row-major
 * @param encode time in the vision graph
 */
public record RegionFeatures(ByteBuffer key, float[] embeddings, Duration encode) {

    /** Size of the embeddings in memory. */
    public long bytes() {
        return (long) embeddings.length * Float.BYTES;
    }
}
