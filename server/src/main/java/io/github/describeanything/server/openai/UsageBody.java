package io.github.describeanything.server.openai;

import io.github.describeanything.model.api.Usage;
import java.util.List;

/** Token counts of chat completions. Immutable. */
public record UsageBody(int promptTokens, int completionTokens, int totalTokens, PromptDetails promptTokensDetails) {

    /** Prompt tokens that were reused from the KV cache. */
    public record PromptDetails(int cachedTokens) {}

    /**
     * The sum over all choices. The prompt of each region counts once, however many answers it gets.
     *
     * @param choices in order, those of one region in a row
     * @param n answers to each region
     */
    public static UsageBody of(List<Usage> choices, int n) {
        int prompt = 0;
        int cached = 0;
        for (int i = 0; i < choices.size(); i += n) {
            prompt += choices.get(i).promptTokens();
            cached += choices.get(i).cachedTokens();
        }
        int completion = choices.stream().mapToInt(Usage::completionTokens).sum();
        return new UsageBody(prompt, completion, prompt + completion, new PromptDetails(cached));
    }
}
