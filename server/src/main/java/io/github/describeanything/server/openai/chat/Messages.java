package io.github.describeanything.server.openai.chat;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.openai.Conversation;
import io.github.describeanything.server.openai.Fields;
import io.github.describeanything.server.openai.MessageReader;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Reads the messages of a chat completion request. Stateless. */
final class Messages {
    private static final MessageReader READER =
            new MessageReader(List.of("text"), "image_url", Optional.of("video_url"));

    private Messages() {}

    static Conversation.Asked read(JsonNode messages) {
        if (!messages.isArray() || messages.isEmpty()) {
            throw ApiException.badRequest(
                    "messages", "missing_messages", "messages must be a list with a user's message");
        }
        var conversation = new Conversation();
        int index = 0;
        for (JsonNode message : messages) {
            var fields = new Fields(message, "messages[" + index++ + "].");
            fields.require(message.isObject(), "role", "is missing: a message is an object with role and content");
            switch (fields.string("role").orElse("")) {
                case "user" -> conversation.add(READER.user(fields));
                case "assistant" -> {
                    READER.requireText(fields);
                    conversation.answered();
                }
                case "system", "developer", "tool", "function" -> READER.requireText(fields);
                default ->
                    throw ApiException.badValue(
                            fields.path() + "role",
                            fields.path() + "role must be system, developer, user, assistant or tool");
            }
        }
        return conversation.asked();
    }
}
