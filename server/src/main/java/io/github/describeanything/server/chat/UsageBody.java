package io.github.describeanything.server.chat;

/** Token counts as OpenAI clients read them. Immutable. */
record UsageBody(int promptTokens, int completionTokens, int totalTokens, PromptDetails promptTokensDetails) {

    /** How many of the prompt's tokens were not computed again. */
    record PromptDetails(int cachedTokens) {}

    static UsageBody of(int prompt, int cached, int completion) {
        return new UsageBody(prompt, completion, prompt + completion, new PromptDetails(cached));
    }
}
