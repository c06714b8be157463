package io.github.describeanything.server.openai.chat;

import io.github.describeanything.server.http.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A conversation as chat programs send it, with all earlier messages. Immutable. */
record Conversation(List<Map<String, Object>> messages, Map<String, Object> fields) {

    static Conversation empty() {
        return new Conversation(List.of(), Map.of("model", "golden", "temperature", 0, "max_tokens", 16));
    }

    /** Adds a user message with text and the URLs of pictures. */
    Conversation shows(String text, String... urls) {
        var parts = new ArrayList<Map<String, Object>>();
        for (String url : urls) {
            parts.add(Map.of("type", "image_url", "image_url", Map.of("url", url)));
        }
        if (!text.isEmpty()) {
            parts.add(Map.of("type", "text", "text", text));
        }
        return with(Map.of("role", "user", "content", parts));
    }

    /** Adds a user message with text. */
    Conversation says(String text) {
        return with(Map.of("role", "user", "content", text));
    }

    Conversation answered(String text) {
        return with(Map.of("role", "assistant", "content", text));
    }

    Conversation with(Map<String, Object> message) {
        var more = new ArrayList<>(messages);
        more.add(message);
        return new Conversation(List.copyOf(more), fields);
    }

    /** Adds a field of the request. */
    Conversation field(String name, Object value) {
        var more = new LinkedHashMap<>(fields);
        more.put(name, value);
        return new Conversation(messages, more);
    }

    String json() {
        var body = new LinkedHashMap<String, Object>(fields);
        body.put("messages", messages);
        return Json.MAPPER.writeValueAsString(body);
    }
}
