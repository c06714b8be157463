package io.github.describeanything.server.openai.chat;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.openai.Fields;
import io.github.describeanything.server.openai.Question;
import io.github.describeanything.server.openai.chat.UserMessage.TextRegion;
import io.github.describeanything.server.service.ImageReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * The question of a conversation. Immutable.
 *
 * <p>The pictures are those of the last user message that has any. The question joins the user's texts after the last
 * answer without a separator, as the published server does. Earlier questions are dropped, because the model was not
 * trained on conversations; if the conversation ends with an answer, the question before it counts. A region written in
 * a text applies until another region or picture follows. System, developer, assistant and tool messages are accepted
 * but not shown to the model, which knows one template.
 *
 * @param region the region written in the user's text
 */
record Messages(List<ImageReference> pictures, String question, Optional<TextRegion> region) {

    static Messages read(JsonNode messages) {
        if (!messages.isArray() || messages.isEmpty()) {
            throw ApiException.badRequest(
                    "messages", "missing_messages", "messages must be a list with a user's message");
        }
        var users = new ArrayList<UserMessage>();
        int index = 0;
        int asked = 0;
        boolean answered = false;
        for (JsonNode message : messages) {
            var fields = new Fields(message, "messages[" + index++ + "].");
            fields.require(message.isObject(), "role", "is missing: a message is an object with role and content");
            switch (fields.string("role").orElse("")) {
                case "user" -> {
                    asked = answered ? users.size() : asked;
                    answered = false;
                    users.add(user(fields));
                }
                case "assistant" -> {
                    requireText(fields);
                    answered = true;
                }
                case "system", "developer", "tool", "function" -> requireText(fields);
                default ->
                    throw ApiException.badValue(
                            fields.path() + "role",
                            fields.path() + "role must be system, developer, user, assistant or tool");
            }
        }
        return of(users, asked);
    }

    /** @param asked index of the first message without an answer */
    private static Messages of(List<UserMessage> users, int asked) {
        if (users.isEmpty()) {
            return new Messages(List.of(), "", Optional.empty());
        }
        int shown = users.size() - 1;
        while (shown > 0 && !users.get(shown).showsPicture()) {
            shown--;
        }
        List<ImageReference> pictures = users.get(shown).pictures();
        String last = users.getLast().question();
        // Chat programs keep refused messages in the conversation, without the error.
        String question = users.subList(asked, users.size() - 1).stream()
                        .filter(UserMessage::usable)
                        .map(UserMessage::question)
                        .collect(Collectors.joining())
                + last;
        Optional<TextRegion> region = Optional.empty();
        for (int i = users.size() - 1; i >= shown && region.isEmpty(); i--) {
            region = users.get(i).region();
        }
        return new Messages(pictures, Question.clean(question), region);
    }

    private static UserMessage user(Fields message) {
        var user = new UserMessage();
        JsonNode content = message.node("content");
        if (content.isString()) {
            user.add(content.asString(), message.path() + "content");
            return user;
        }
        if (!content.isArray()) {
            String param = message.path() + "content";
            user.refuse(ApiException.badValue(param, param + " must be a string or a list of parts"), false);
        }
        for (Fields part : parts(message)) {
            boolean ofPicture = part.node("type").asString("").equals("image_url");
            try {
                switch (type(part)) {
                    case "text" -> user.add(text(part, "text"), part.path() + "text");
                    case "image_url" -> user.add(picture(part));
                    default ->
                        throw ApiException.badRequest(
                                part.path() + "type",
                                "unsupported_content",
                                "Only parts of type text and image_url are supported");
                }
            } catch (ApiException e) {
                user.refuse(e, ofPicture);
            }
        }
        return user;
    }

    /** Checks messages that the model does not see, so that clients learn of mistakes. */
    private static void requireText(Fields message) {
        JsonNode content = message.node("content");
        message.require(
                content.isNull() || content.isString() || content.isArray(),
                "content",
                "must be a string or a list of parts");
        for (Fields part : parts(message)) {
            switch (type(part)) {
                case "text" -> text(part, "text");
                case "refusal" -> text(part, "refusal");
                default ->
                    throw ApiException.badRequest(
                            part.path() + "type",
                            "unsupported_content",
                            "Only text is supported here; send pictures in user messages");
            }
        }
    }

    /** The parts of a list; empty for other content. */
    private static List<Fields> parts(Fields message) {
        var parts = new ArrayList<Fields>();
        for (JsonNode node : message.node("content")) {
            parts.add(new Fields(node, message.path() + "content[" + parts.size() + "]."));
        }
        return parts;
    }

    private static String type(Fields part) {
        String type = part.string("type").orElse("");
        if (type.isEmpty()) {
            throw ApiException.badValue(part.path() + "type", part.path() + "type is missing");
        }
        return type;
    }

    private static String text(Fields part, String name) {
        return part.string(name)
                .orElseThrow(() -> ApiException.badValue(part.path() + name, part.path() + name + " is missing"));
    }

    private static ImageReference picture(Fields part) {
        JsonNode reference = part.node("image_url");
        String param = part.path() + "image_url";
        JsonNode url = reference.isObject() ? reference.path("url") : reference;
        if (!url.isString() || url.asString().isBlank()) {
            throw ApiException.badValue(param, param + " must be a URL, or an object with a url");
        }
        return new ImageReference(url.asString().strip(), param);
    }
}
