package io.github.describeanything.model.api;

/**
 * Token counts of one generation. Immutable.
 *
 * @param promptTokens tokens of the prompt, image embeddings included
 * @param cachedTokens prompt tokens that were still in the KV cache
 * @param completionTokens generated tokens, not counting the end token
 */
public record Usage(int promptTokens, int cachedTokens, int completionTokens) {
    public int totalTokens() {
        return promptTokens + completionTokens;
    }
}
