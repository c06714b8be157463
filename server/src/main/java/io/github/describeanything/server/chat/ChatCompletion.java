package io.github.describeanything.server.chat;

import java.util.List;
import java.util.Optional;

/** A whole answer. Immutable. */
record ChatCompletion(String id, String object, long created, String model, List<Choice> choices, UsageBody usage) {

    static final String OBJECT = "chat.completion";

    /** One answer of possibly several. */
    record Choice(int index, Message message, Optional<LogprobsBody> logprobs, String finishReason) {}

    /** The assistant's text. */
    record Message(String role, String content) {}
}
