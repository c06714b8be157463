package io.github.describeanything.server.openai.responses;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.http.Json;
import io.github.describeanything.server.openai.Fields;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The request fields that the response repeats. Immutable. They are kept until the answer is complete, so their size is
 * limited, and they are kept as bytes, because parsed JSON takes many times as much memory.
 *
 * @param json an object
 */
record EchoedFields(byte[] json) {
    private static final int MAX_BYTES = 256 << 10;
    /** More than OpenAI's limit of 16 keys of 64 characters with values of 512. */
    private static final int MAX_METADATA_LENGTH = 64 << 10;

    private static final List<String> STRINGS =
            List.of("instructions", "prompt_cache_key", "safety_identifier", "service_tier", "truncation", "user");

    private static final Set<String> VERBOSITY = Set.of("low", "medium", "high");

    /** Values of absent fields. */
    private static final String DEFAULTS = """
            {
              "background": false,
              "instructions": null,
              "max_output_tokens": null,
              "max_tool_calls": null,
              "metadata": {},
              "parallel_tool_calls": true,
              "previous_response_id": null,
              "prompt_cache_key": null,
              "reasoning": {"effort": null, "summary": null},
              "safety_identifier": null,
              "service_tier": "default",
              "store": false,
              "temperature": null,
              "text": {"format": {"type": "text"}, "verbosity": "medium"},
              "tool_choice": "auto",
              "tools": [],
              "top_logprobs": 0,
              "top_p": null,
              "truncation": "disabled",
              "user": null
            }
            """;

    /** Repeated as sent. The longest come last and are left out beyond the limit. */
    private static final List<String> ECHOED = List.of(
            "metadata",
            "max_output_tokens",
            "max_tool_calls",
            "parallel_tool_calls",
            "temperature",
            "top_logprobs",
            "top_p",
            "truncation",
            "prompt_cache_key",
            "safety_identifier",
            "user",
            "reasoning",
            "tool_choice",
            "instructions",
            "tools");

    /** @throws ApiException if a field has the wrong type */
    static EchoedFields of(Fields fields) {
        requireTypes(fields);
        var echo = (ObjectNode) Json.MAPPER.readTree(DEFAULTS);
        int left = MAX_BYTES;
        for (String name : ECHOED) {
            JsonNode value = fields.node(name);
            int length = Json.MAPPER.writeValueAsBytes(value).length;
            fields.require(!name.equals("metadata") || length <= MAX_METADATA_LENGTH, name, "is too long");
            if (isRepeated(name, value) && length <= left) {
                echo.set(name, value);
                left -= length;
            }
        }
        if (fields.has("text")) {
            fields.object("text")
                    .string("verbosity")
                    .filter(VERBOSITY::contains)
                    .ifPresent(it -> ((ObjectNode) echo.get("text")).put("verbosity", it));
        }
        return new EchoedFields(Json.MAPPER.writeValueAsBytes(echo));
    }

    /** Clients also send an empty string, false or 0 for no tools. */
    private static boolean isRepeated(String name, JsonNode value) {
        return switch (name) {
            case "tools" -> value.isArray();
            case "tool_choice" -> value.isObject() || !value.asString("").isEmpty();
            default -> !value.isNull();
        };
    }

    /** The fields by name. */
    Map<String, JsonNode> byName() {
        var fields = new LinkedHashMap<String, JsonNode>();
        Json.MAPPER.readTree(json).properties().forEach(it -> fields.put(it.getKey(), it.getValue()));
        return fields;
    }

    private static void requireTypes(Fields fields) {
        STRINGS.forEach(fields::string);
        fields.require(
                List.of("auto", "disabled").contains(fields.string("truncation").orElse("disabled")),
                "truncation",
                "must be auto or disabled");
        for (String name : List.of("parallel_tool_calls", "store")) {
            fields.flag(name);
        }
        fields.integer("max_tool_calls", 0, Integer.MAX_VALUE);
        for (String name : List.of("metadata", "reasoning", "stream_options")) {
            JsonNode value = fields.node(name);
            fields.require(value.isNull() || value.isObject(), name, "must be an object");
        }
        int tool = 0;
        for (JsonNode it : fields.node("tools")) {
            fields.require(it.isObject(), "tools[" + tool++ + "]", "must be an object");
        }
    }
}
