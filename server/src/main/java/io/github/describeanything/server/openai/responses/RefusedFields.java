package io.github.describeanything.server.openai.responses;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.openai.Fields;
import io.github.describeanything.server.openai.UnsupportedFields;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Refuses fields that need stored state or that this model does not support. Stateless. */
final class RefusedFields {
    /** Reasons, and what to send instead. */
    private static final Map<String, String> REFUSED = new LinkedHashMap<>();

    static {
        REFUSED.put("messages", "belongs to /v1/chat/completions; here it is input");
        REFUSED.put(
                "previous_response_id", "is not supported: nothing is stored; send the whole conversation as input");
        REFUSED.put("conversation", "is not supported: nothing is stored; send the whole conversation as input");
        REFUSED.put("background", "is not supported: nothing is stored; wait for the answer or stream it");
        REFUSED.put("prompt", "is not supported: no templates are stored; send instructions and input");
        REFUSED.put("moderation", "is not supported: this server moderates nothing");
        REFUSED.put("max_tokens", "is called max_output_tokens here");
        REFUSED.put("max_completion_tokens", "is called max_output_tokens here");
    }

    private RefusedFields() {}

    static void refuse(Fields fields) {
        REFUSED.forEach((name, reason) -> {
            if (!UnsupportedFields.unused(fields.node(name))) {
                throw unsupported(name, reason);
            }
        });
        JsonNode n = fields.node("n");
        if (!n.isNull() && !(n.isNumber() && n.asDouble() == 1)) {
            throw unsupported("n", "must be 1: a response has one answer to each region");
        }
        refuseFormats(fields);
        UnsupportedFields.refuse(fields);
    }

    private static void refuseFormats(Fields fields) {
        if (!fields.has("text")) {
            return;
        }
        Fields text = fields.object("text");
        if (text.has("format")
                && !text.object("format").string("type").orElse("text").equals("text")) {
            throw unsupported("text.format", "is not supported unless its type is text: this model answers in prose");
        }
    }

    private static ApiException unsupported(String name, String reason) {
        return ApiException.badRequest(name, "unsupported_parameter", name + " " + reason);
    }
}
