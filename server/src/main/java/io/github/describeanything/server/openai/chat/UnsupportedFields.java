package io.github.describeanything.server.openai.chat;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.openai.Fields;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Refuses unsupported fields that would change the answer. Stateless. */
final class UnsupportedFields {
    private static final List<String> UNSUPPORTED = List.of(
            "structured_outputs",
            "guided_json",
            "guided_regex",
            "guided_choice",
            "guided_grammar",
            "json_schema",
            "grammar",
            "stop_token_ids",
            "bad_words",
            "min_tokens",
            "prompt_logprobs",
            "use_beam_search",
            "allowed_token_ids",
            "include_stop_str_in_output",
            "echo",
            "continue_final_message",
            "logits_processors",
            "truncate_prompt_tokens",
            "regex",
            "ebnf",
            "stop_regex",
            "mirostat",
            "mirostat_mode",
            "dry_multiplier",
            "xtc_probability",
            "top_a",
            "no_repeat_ngram_size",
            "dynatemp_range",
            "max_new_tokens",
            "max_output_tokens",
            "n_probs",
            "early_stopping",
            "max_length",
            "chat_template");
    /** Parameters of other servers, with the values that disable them. */
    private static final Map<String, Double> NEUTRAL = Map.of(
            "typical_p",
            1.0,
            "tfs_z",
            1.0,
            "tfs",
            1.0,
            "repeat_penalty",
            1.0,
            "length_penalty",
            1.0,
            "top_n_sigma",
            -1.0,
            "n_predict",
            -1.0);

    private UnsupportedFields() {}

    static void refuse(Fields fields) {
        for (String name : UNSUPPORTED) {
            if (!unused(fields.node(name))) {
                throw unsupported(name);
            }
        }
        for (var neutral : NEUTRAL.entrySet()) {
            JsonNode value = fields.node(neutral.getKey());
            if (!value.isNull() && !(value.isNumber() && value.asDouble() == neutral.getValue())) {
                throw unsupported(neutral.getKey());
            }
        }
        refuseCalls(fields, "tools", "tool_choice");
        refuseCalls(fields, "functions", "function_call");
        // do_sample: false means greedy, which this server does at temperature 0.
        boolean greedy = fields.node("temperature").asDouble(1) == 0;
        if (fields.node("do_sample").isBoolean() && !fields.flag("do_sample") && !greedy) {
            throw unsupported("do_sample");
        }
        JsonNode format = fields.node("response_format");
        if (!format.isNull()) {
            fields.require(format.isObject(), "response_format", "must be an object");
            var type = new Fields(format, "response_format.").string("type");
            if (!type.orElse("text").equals("text")) {
                throw unsupported("response_format");
            }
        }
        JsonNode modalities = fields.node("modalities");
        fields.require(modalities.isNull() || modalities.isArray(), "modalities", "must be a list");
        for (JsonNode modality : modalities) {
            if (!modality.asString("").equals("text")) {
                throw unsupported("modalities");
            }
        }
        for (String name : List.of("num_beams", "best_of", "num_return_sequences")) {
            if (fields.integer(name, 1, Integer.MAX_VALUE).orElse(1) > 1) {
                throw unsupported(name);
            }
        }
    }

    /** Optional tools are accepted, because this model never calls one. */
    private static void refuseCalls(Fields fields, String tools, String choice) {
        JsonNode offered = fields.node(tools);
        fields.require(offered.isNull() || offered.isArray() || unused(offered), tools, "must be a list");
        JsonNode chosen = fields.node(choice);
        // An object is {"type": "allowed_tools", "allowed_tools": {"mode": "auto", …}}.
        String mode =
                chosen.isObject() ? chosen.path("allowed_tools").path("mode").asString("") : chosen.asString("");
        if (!unused(chosen) && !mode.equals("auto") && !mode.equals("none")) {
            throw ApiException.badRequest(
                    choice,
                    "unsupported_parameter",
                    choice + " must be auto or none: this model answers in text and calls no tools");
        }
    }

    /** Clients send unused fields as null, false, 0, an empty string or an empty list. */
    private static boolean unused(JsonNode value) {
        return value.isNull()
                || (value.isArray() && value.isEmpty())
                || (value.isString() && value.asString().isEmpty())
                || (value.isBoolean() && !value.asBoolean())
                || (value.isNumber() && value.asDouble() == 0);
    }

    private static ApiException unsupported(String name) {
        return ApiException.badRequest(
                name, "unsupported_parameter", name + " is not supported: this model describes regions of pictures");
    }
}
