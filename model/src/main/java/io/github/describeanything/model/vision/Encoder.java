package io.github.describeanything.model.vision;

import java.util.List;

/** Views into image embeddings. Thread-safe, but for {@link #reopen}. */
public interface Encoder extends AutoCloseable {
    /**
     * Encodes several frames in one run; the result of each depends on it alone.
     *
     * @param views each [8, size, size]
     * @return [frames, tokens, hidden_size], row-major
     */
    float[] encode(List<float[]> views);

    /** Gives back what it holds on its device and takes it anew, for after a failure; not beside a run. */
    void reopen();

    @Override
    void close();
}
