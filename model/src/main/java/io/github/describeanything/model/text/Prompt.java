package io.github.describeanything.model.text;

/**
 * A tokenised prompt. Immutable.
 *
 * @param ids token ids, with {@link #IMAGE} once for each picture; not to be changed
 * @param positions what the decoder sees: one a token, and the bundle's number of embeddings a picture
 */
public record Prompt(int[] ids, int positions) {
    /** Stands where the embeddings of a picture go. */
    public static final int IMAGE = -1;
}
