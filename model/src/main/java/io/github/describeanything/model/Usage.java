package io.github.describeanything.model;

/**
 * Token counts of one generation. Immutable.
 *
 * @param promptTokens positions that the decoder saw before the answer, image embeddings included
 * @param cachedTokens how many of them were not computed again because their keys and values were still held
 * @param completionTokens tokens generated, the end token not counted
 */
public record Usage(int promptTokens, int cachedTokens, int completionTokens) {
    public int totalTokens() {
        return promptTokens + completionTokens;
    }
}
