package io.github.describeanything.model.family;

import io.github.describeanything.model.api.RequestException;
import io.github.describeanything.model.text.Prompt;

/** Turns questions into prompts. Thread-safe. */
public interface PromptBuilder {
    /**
     * Builds the prompt of one request.
     *
     * @param frames pictures of the request
     * @param question the question; blank asks the default question
     * @param limit maximum tokens, image embeddings included
     * @throws RequestException if the model does not take this number of frames,
     *     or the prompt is longer than the limit
     */
    Prompt build(int frames, String question, int limit);

    /** The error for a prompt above the limit. @param what why it is */
    static RequestException tooLong(String what, int limit) {
        return new RequestException(
                "messages",
                "context_length_exceeded",
                "The prompt is too long: %s, and the limit is %d tokens, picture included; shorten the question"
                        .formatted(what, limit));
    }
}
