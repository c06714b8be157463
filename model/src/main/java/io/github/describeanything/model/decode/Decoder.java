package io.github.describeanything.model.decode;

import io.github.describeanything.model.api.ModelException;

/**
 * The language model over slots of a key-value cache: prompts in by chunks, one token a slot in, logits out. Used by one
 * thread, except for {@link #terminate}.
 */
public interface Decoder extends AutoCloseable {
    /** Sequences side by side. */
    int slots();

    /** Tokens that a slot holds. */
    int context();

    int vocabSize();

    /** Most tokens of one {@link #prefill}. */
    int chunk();

    /** Size of the key-value cache. */
    long cacheBytes();

    /**
     * Computes {@code count} tokens of a prompt. The logits after the last of them are row 0.
     *
     * @param from the first of them, and so the number of tokens that the slot holds already
     */
    void prefill(int slot, MultimodalPrompt prompt, int from, int count);

    /** Sets the token that the next {@link #decode} reads in a slot. */
    void feed(int slot, int token);

    /** How many batch rows a run over {@code rows} sequences has, at most all slots. */
    int bucket(int rows);

    /** Runs every shape once, or until it is captured. Changes nothing that a slot relies on. */
    void warmUp();

    /** Computes one token in each of the slots [0, rows). @param computed tokens in each slot so far */
    void decode(int rows, int[] computed);

    /** Copies the logits of one row of the last run, [vocab_size]. */
    void logits(int row, float[] into);

    /** Whether {@link #move} works on this device. */
    boolean movable();

    /** Copies the first tokens of one slot over those of another. */
    void move(int from, int to, int tokens);

    /**
     * Releases everything on the device and takes it again, after a failure. The slots are empty then.
     *
     * @throws ModelException if that fails; after that only closing works
     */
    void reopen();

    /** Makes a run in progress fail soon, for shutting down. May be called by any thread. */
    void terminate();

    @Override
    void close();
}
