package io.github.describeanything.model.features;

import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * The embeddings of a region, as the decoder reads them. Immutable: do not change the array.
 *
 * @param key identifies pictures and masks by content
 * @param embeddings [frames * tokens, hidden_size], row-major
 * @param encode time in the vision graph
 */
public record RegionFeatures(ByteBuffer key, float[] embeddings, Duration encode) {

    /** Size of the embeddings in bytes. */
    public long bytes() {
        return (long) embeddings.length * Float.BYTES;
    }
}
