package io.github.describeanything.model.decode;

import io.github.describeanything.model.api.ModelException;

/**
 * The language model over the slots of a KV cache: prefills prompts in chunks, decodes one token per slot, returns
 * logits. Used by one thread, except for {@link #terminate}.
 */
public interface Decoder extends AutoCloseable {
    /** Slots, one per running sequence. */
    int slots();

    /** Capacity of a slot in tokens. */
    int context();

    int vocabSize();

    /** Maximum tokens of one {@link #prefill}. */
    int chunk();

    /** Size of the KV cache in bytes. */
    long cacheBytes();

    /**
     * Computes {@code count} tokens of a prompt. Row 0 then holds the logits of the last one.
     *
     * @param from index of the first one; the slot already holds the tokens before it
     */
    void prefill(int slot, MultimodalPrompt prompt, int from, int count);

    /** Sets the input token of a slot for the next {@link #decode}. */
    void feed(int slot, int token);

    /** The batch size that a run over {@code rows} sequences is padded to, at most all slots. */
    int bucket(int rows);

    /** Runs every shape once, or until it is captured as a CUDA graph. Leaves the contents of slots intact. */
    void warmUp();

    /** Decodes one token in each of the slots [0, rows). @param computed tokens in each slot so far */
    void decode(int rows, int[] computed);

    /** Copies the logits of one row of the last run, [vocab_size]. */
    void logits(int row, float[] into);

    /** Whether {@link #move} is supported on this device. */
    boolean movable();

    /** Copies the first tokens of one slot over those of another. */
    void move(int from, int to, int tokens);

    /**
     * Releases everything on the device and allocates it again, after a failure. All slots are then empty.
     *
     * @throws ModelException if that fails; then the decoder can only be closed
     */
    void reopen();

    /** Aborts a run in progress, for shutdown. May be called by any thread. */
    void terminate();

    @Override
    void close();
}
