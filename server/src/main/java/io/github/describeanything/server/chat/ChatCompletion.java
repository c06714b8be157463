package io.github.describeanything.server.chat;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Optional;

/** A whole answer, null where OpenAI's form wants a field that there is nothing to say in. Immutable. */
record ChatCompletion(String id, String object, long created, String model, List<Choice> choices, UsageBody usage) {

    static final String OBJECT = "chat.completion";

    /** One answer of possibly several. @param region what it is about, where the request named regions */
    record Choice(
            int index,
            Optional<RegionBody> region,
            Message message,
            @JsonInclude(JsonInclude.Include.ALWAYS) Optional<LogprobsBody> logprobs,
            String finishReason) {}

    /** The assistant's text. @param refusal empty: this model does not refuse */
    record Message(
            String role,
            String content,
            @JsonInclude(JsonInclude.Include.ALWAYS) Optional<String> refusal) {

        static Message of(String content) {
            return new Message(ChatCompletions.role(), content, Optional.empty());
        }
    }
}
