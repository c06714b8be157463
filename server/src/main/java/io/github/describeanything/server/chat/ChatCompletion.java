package io.github.describeanything.server.chat;

import java.util.List;
import java.util.Optional;

/** A whole answer. Immutable. */
record ChatCompletion(String id, String object, long created, String model, List<Choice> choices, UsageBody usage) {

    static final String OBJECT = "chat.completion";

    /** One answer of possibly several. @param region what it is about, where the request named regions */
    record Choice(
            int index,
            Optional<RegionBody> region,
            Message message,
            Optional<LogprobsBody> logprobs,
            String finishReason) {}

    /** The assistant's text. */
    record Message(String role, String content) {}
}
