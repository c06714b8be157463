package io.github.describeanything.model.text;

/**
 * A tokenised prompt with placeholders for embeddings. Immutable.
 *
 * @param entries one for each token that the decoder reads: a token id, or {@code ~row} for a row of the region's
 *     features; do not change
 */
public record Prompt(int[] entries) {
    /** Number of tokens, image embeddings included. */
    public int tokens() {
        return entries.length;
    }
}
