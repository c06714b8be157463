package io.github.describeanything.server.openai;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.service.ImageReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Reads messages whose content is a string or a list of parts. Immutable.
 *
 * @param texts types of text parts; the first is the user's
 * @param picture type of picture parts
 * @param video type of video parts, if there are any
 */
public record MessageReader(List<String> texts, String picture, Optional<String> video) {

    public MessageReader {
        texts = List.copyOf(texts);
    }

    /** A user message. Its errors are thrown only when it is used. */
    public UserMessage user(Fields message) {
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
            boolean ofPicture = shows(part.node("type").asString(""));
            try {
                String type = type(part);
                if (texts.contains(type)) {
                    user.add(text(part, "text"), part.path() + "text");
                } else if (type.equals(picture)) {
                    user.add(picture(part));
                } else if (video.filter(type::equals).isPresent()) {
                    user.addVideo(reference(part, type));
                } else {
                    throw ApiException.badRequest(
                            part.path() + "type",
                            "unsupported_content",
                            video.map(it -> "Only parts of type %s, %s and %s are supported"
                                            .formatted(texts.getFirst(), picture, it))
                                    .orElseGet(() -> "Only parts of type %s and %s are supported"
                                            .formatted(texts.getFirst(), picture)));
                }
            } catch (ApiException e) {
                user.refuse(e, ofPicture);
            }
        }
        return user;
    }

    private boolean shows(String type) {
        return type.equals(picture) || video.filter(type::equals).isPresent();
    }

    /** Checks messages that the model does not see, so that clients learn of mistakes. */
    public void requireText(Fields message) {
        JsonNode content = message.node("content");
        message.require(
                content.isNull() || content.isString() || content.isArray(),
                "content",
                "must be a string or a list of parts");
        for (Fields part : parts(message)) {
            String type = type(part);
            if (texts.contains(type)) {
                text(part, "text");
            } else if (type.equals("refusal")) {
                text(part, "refusal");
            } else {
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
        if (!part.has("image_url") && part.has("file_id")) {
            String file = part.path() + "file_id";
            throw ApiException.badRequest(
                    file,
                    "unsupported_parameter",
                    file + " is not supported: no files are stored here; send image_url");
        }
        return reference(part, "image_url");
    }

    /** A field that is a URL, or an object with a url. */
    private static ImageReference reference(Fields part, String name) {
        JsonNode reference = part.node(name);
        String param = part.path() + name;
        JsonNode url = reference.isObject() ? reference.path("url") : reference;
        if (!url.isString() || url.asString().isBlank()) {
            throw ApiException.badValue(param, param + " must be a URL, or an object with a url");
        }
        return new ImageReference(url.asString().strip(), param);
    }
}
