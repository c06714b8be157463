package io.github.describeanything.model.api;

/**
 * Token counts of one generation. Immutable.
 *
 * @param promptTokens tokens that the decoder reads before the answer, image embeddings included
 * @param cachedTokens how many of them were still in the key-value cache and were not computed again
 * @param completionTokens generated tokens, without the end token
 */
public record Usage(int promptTokens, int cachedTokens, int completionTokens) {
    public int totalTokens() {
        return promptTokens + completionTokens;
    }
}
