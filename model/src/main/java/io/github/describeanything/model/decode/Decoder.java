package io.github.describeanything.model.decode;

import io.github.describeanything.model.ModelException;

/**
 * The language model over slots: prompts in by chunks, tokens in one a slot, logits out. Used by one thread, but for
 * {@link #terminate}.
 */
public interface Decoder extends AutoCloseable {
    /** Sequences side by side. */
    int slots();

    /** Positions a slot holds. */
    int context();

    int vocabSize();

    /** Most positions of one {@link #prefill}. */
    int chunk();

    /** Bytes of the cache. */
    long cacheBytes();

    /**
     * Runs {@code count} positions of a prompt; the logits after the last of them are row 0.
     *
     * @param from the first of them, and so the number of positions that the slot holds already
     */
    void prefill(int slot, Splice prompt, int from, int count);

    /** Sets the token that the next {@link #decode} reads in a slot. */
    void feed(int slot, int token);

    /** How many rows a run over so many should have, at most all slots. */
    int bucket(int rows);

    /** Does every shape of run once, or until it is captured. Leaves nothing behind that a slot would miss. */
    void warmUp();

    /** Runs one position in each of the slots [0, rows). @param held positions in each slot so far */
    void decode(int rows, int[] held);

    /** Copies the logits of one row of the last run, [vocab_size]. */
    void logits(int row, float[] into);

    /** Whether {@link #move} works on this device. */
    boolean movable();

    /** Copies the first positions of one slot over another. */
    void move(int from, int to, int positions);

    /**
     * Gives back all that it holds on its device and takes it anew, for after a failure; what the slots held is lost.
     *
     * @throws ModelException if it cannot be had: then nothing but closing works any more
     */
    void reopen();

    /** Makes a run in progress fail soon; for shutting down. May be called by any thread. */
    void terminate();

    @Override
    void close();
}
