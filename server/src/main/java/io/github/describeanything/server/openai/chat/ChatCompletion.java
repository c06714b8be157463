package io.github.describeanything.server.openai.chat;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.describeanything.server.openai.LogprobsBody;
import io.github.describeanything.server.openai.RegionBody;
import io.github.describeanything.server.openai.UsageBody;
import java.util.List;
import java.util.Optional;

/** A complete chat completion. Immutable. Empty fields that OpenAI's schema requires are null. */
record ChatCompletion(String id, String object, long created, String model, List<Choice> choices, UsageBody usage) {

    static final String OBJECT = "chat.completion";

    /**
     * One choice.
     *
     * @param region its region, if the request has regions
     * @param task its task, if the request names tasks
     */
    record Choice(
            int index,
            Optional<RegionBody> region,
            Optional<String> task,
            Message message,
            @JsonInclude(JsonInclude.Include.ALWAYS) Optional<LogprobsBody> logprobs,
            String finishReason) {}

    /** The assistant's text. @param refusal always null: this model never refuses */
    record Message(
            String role,
            String content,
            @JsonInclude(JsonInclude.Include.ALWAYS) Optional<String> refusal) {

        static Message of(String content) {
            return new Message(ChatWriter.ROLE, content, Optional.empty());
        }
    }
}
