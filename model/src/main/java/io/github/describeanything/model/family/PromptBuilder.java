package io.github.describeanything.model.family;

import io.github.describeanything.model.text.Prompt;

/** Turns questions into prompts. Thread-safe. */
public interface PromptBuilder {
    /**
     * Builds the prompt of one request.
     *
     * @param frames pictures of the request
     * @param question the question; blank asks the default question
     * @param limit maximum tokens, image embeddings included
     * @throws io.github.describeanything.model.api.RequestException if the model does not take this number of frames,
     *     or the prompt is longer than the limit
     */
    Prompt build(int frames, String question, int limit);
}
