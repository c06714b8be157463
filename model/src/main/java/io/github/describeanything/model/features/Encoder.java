package io.github.describeanything.model.features;

import java.util.List;

/** The vision graph, which turns views into embeddings. Used by one thread. */
public interface Encoder extends AutoCloseable {
    /**
     * Encodes several frames in one run. The result for a frame does not depend on the others.
     *
     * @return [frames, tokens, hidden_size], row-major
     */
    float[] encode(List<View> views);

    /** Releases everything on the device and loads it again, after a failure. */
    void reopen();

    @Override
    void close();
}
