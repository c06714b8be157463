package io.github.describeanything.model.text;

/**
 * A tokenised prompt with the places of its pictures' embeddings. Immutable.
 *
 * @param entries one for each token that the decoder reads: a token id, or {@code ~row} for a row of the region's
 *     features; do not change
 */
public record Prompt(int[] entries) {
    /** Tokens that the decoder reads, image embeddings included. */
    public int tokens() {
        return entries.length;
    }
}
