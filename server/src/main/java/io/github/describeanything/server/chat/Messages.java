package io.github.describeanything.server.chat;

import io.github.describeanything.server.chat.ChatRequest.Picture;
import io.github.describeanything.server.errors.ApiException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * What a conversation asks. Immutable.
 *
 * <p>The published server joins all of the user's texts without a separator; so does this one, as long as the model has
 * not answered yet. Each question after an answer stands alone, since the model was not trained on conversations; an
 * answer that ends the conversation, as of clients that want it continued, leaves the question before it in force. Texts
 * of the system, the developer and the assistant are accepted and not shown to the model, which knows one template.
 */
record Messages(List<Picture> pictures, String question) {

    static Messages read(JsonNode messages) {
        if (!messages.isArray() || messages.isEmpty()) {
            throw ApiException.badRequest(
                    "messages", "missing_messages", "messages must be a list with a user's message");
        }
        var pictures = new ArrayList<Picture>();
        var question = new StringBuilder();
        int index = 0;
        boolean answered = false;
        for (JsonNode message : messages) {
            var fields = new Fields(message, "messages[" + index++ + "].");
            fields.require(message.isObject(), "role", "is missing: a message is an object with role and content");
            switch (fields.string("role").orElse("")) {
                case "user" -> {
                    if (answered) {
                        question.setLength(0);
                    }
                    answered = false;
                    readUser(fields, pictures, question);
                }
                case "assistant" -> {
                    requireText(fields);
                    answered = true;
                }
                case "system", "developer" -> requireText(fields);
                default ->
                    throw ApiException.badValue(
                            fields.path() + "role",
                            fields.path() + "role must be system, developer, user or assistant");
            }
        }
        return new Messages(pictures, Question.clean(question.toString()));
    }

    private static void readUser(Fields message, List<Picture> pictures, StringBuilder question) {
        JsonNode content = message.node("content");
        if (content.isString()) {
            question.append(content.asString());
            return;
        }
        message.require(content.isArray(), "content", "must be a string or a list of parts");
        for (Fields part : parts(message)) {
            switch (type(part)) {
                case "text" -> question.append(text(part, "text"));
                case "image_url" -> pictures.add(picture(part));
                default ->
                    throw ApiException.badRequest(
                            part.path() + "type",
                            "unsupported_content",
                            "Only parts of type text and image_url are supported");
            }
        }
    }

    /** What is not shown to the model is looked at all the same: a client should hear of its mistakes. */
    private static void requireText(Fields message) {
        JsonNode calls = message.node("tool_calls");
        if (!calls.isNull() && !(calls.isArray() && calls.isEmpty())) {
            throw ApiException.badRequest(
                    message.path() + "tool_calls", "unsupported_parameter", "tool_calls are not supported");
        }
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
                            "Only text is supported here; pictures belong into messages of the user");
            }
        }
    }

    /** Those of a list; none of content of another kind. */
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

    private static Picture picture(Fields part) {
        JsonNode reference = part.node("image_url");
        String param = part.path() + "image_url";
        JsonNode url = reference.isObject() ? reference.path("url") : reference;
        if (!url.isString() || url.asString().isBlank()) {
            throw ApiException.badValue(param, param + " must be a URL, or an object with a url");
        }
        return new Picture(url.asString().strip(), param);
    }
}
