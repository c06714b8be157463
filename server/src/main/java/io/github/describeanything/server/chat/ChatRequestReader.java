package io.github.describeanything.server.chat;

import io.github.describeanything.server.errors.ApiException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/**
 * JSON into a {@link ChatRequest}. Thread-safe. Unknown fields are tolerated, as clients send many; what would change
 * the answer and is not supported is refused by name.
 */
final class ChatRequestReader {
    private static final int MOST_STOPS = 4;
    private static final int LONGEST_STOP = 1000;
    private static final int MOST_BIASES = 1024;
    private static final int LONGEST_KEY = 50;
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
    /** What servers know elsewhere, with the value that leaves everything as it is. */
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

    private final int mostAnswers;
    private final RegionsReader regions;

    /**
     * @param mostAnswers answers that one request may ask for
     * @param mostRegions entries that {@code regions} may have
     */
    ChatRequestReader(int mostAnswers, int mostRegions) {
        this.mostAnswers = mostAnswers;
        this.regions = new RegionsReader(mostRegions);
    }

    ChatRequest read(JsonNode root) {
        if (!root.isObject()) {
            throw ApiException.of(400, "invalid_json", "The request must be a JSON object");
        }
        var fields = new Fields(root, "");
        refuseUnsupported(fields);
        Messages messages = Messages.read(fields.node("messages"));
        List<RegionEntry> named = regions.read(fields.node("regions"));
        Optional<RegionEntry> written = messages.region().map(RegionsReader::written);
        if (!named.isEmpty() && written.isPresent()) {
            throw ApiException.badRequest(
                    "regions",
                    "invalid_region",
                    "regions: the question holds a region already, in "
                            + written.get().path() + "; send one of the two");
        }
        return new ChatRequest(
                fields.string("model"),
                messages.pictures(),
                named,
                written,
                upright(fields, written.isPresent()),
                messages.question(),
                fields.flag("stream"),
                includeUsage(fields),
                fields.number("temperature", 0, 2),
                fields.number("top_p", 0, 1),
                topK(fields),
                fields.number("min_p", 0, 1),
                fields.number("repetition_penalty", 0.01, 10),
                fields.number("frequency_penalty", -2, 2),
                fields.number("presence_penalty", -2, 2),
                logitBias(fields),
                fields.seed("seed"),
                maxTokens(fields),
                stop(fields),
                fields.flag("ignore_eos"),
                topLogprobs(fields),
                fields.integer("n", 1, mostAnswers).orElse(1));
    }

    private static void refuseUnsupported(Fields fields) {
        for (String name : UNSUPPORTED) {
            if (!asksForNothing(fields.node(name))) {
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
        // Greedy, which is asked for by a temperature of 0.
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

    /** Who writes a region into a question looks at the picture in a program, and programs show it turned. */
    private static boolean upright(Fields fields, boolean written) {
        return switch (fields.string("orientation").orElse(written ? "apply" : "stored")) {
            case "stored" -> false;
            case "apply" -> true;
            default -> throw ApiException.badValue("orientation", "orientation must be stored or apply");
        };
    }

    /** Tools that need not be called change nothing for a model that never calls one. */
    private static void refuseCalls(Fields fields, String tools, String choice) {
        JsonNode offered = fields.node(tools);
        fields.require(offered.isNull() || offered.isArray() || asksForNothing(offered), tools, "must be a list");
        JsonNode chosen = fields.node(choice);
        // Of the form {"type": "allowed_tools", "allowed_tools": {"mode": "auto", …}}.
        String mode =
                chosen.isObject() ? chosen.path("allowed_tools").path("mode").asString("") : chosen.asString("");
        if (!asksForNothing(chosen) && !mode.equals("auto") && !mode.equals("none")) {
            throw ApiException.badRequest(
                    choice,
                    "unsupported_parameter",
                    choice + " must be auto or none: this model answers in text and calls no tools");
        }
    }

    /** Clients send what they do not use, too: as null, false, 0, an empty text or an empty list. */
    private static boolean asksForNothing(JsonNode value) {
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

    private static boolean includeUsage(Fields fields) {
        JsonNode options = fields.node("stream_options");
        fields.require(options.isNull() || options.isObject(), "stream_options", "must be an object");
        fields.require(options.isNull() || fields.flag("stream"), "stream_options", "needs stream to be true");
        return options.isObject() && new Fields(options, "stream_options.").flag("include_usage");
    }

    /** 0 and -1 both mean all tokens, since servers differ in what they call it. */
    private static OptionalInt topK(Fields fields) {
        OptionalInt topK = fields.integer("top_k", -1, Integer.MAX_VALUE);
        return topK.orElse(0) == -1 ? OptionalInt.of(0) : topK;
    }

    private static OptionalInt maxTokens(Fields fields) {
        OptionalInt newer = limit(fields, "max_completion_tokens");
        OptionalInt older = limit(fields, "max_tokens");
        return newer.isPresent() ? newer : older;
    }

    /** -1 is what other servers call no limit: the context ends the answer then. */
    private static OptionalInt limit(Fields fields, String name) {
        if (fields.node(name).isNumber() && fields.node(name).asDouble() == -1) {
            return OptionalInt.of(Integer.MAX_VALUE);
        }
        return fields.integer(name, 1, Integer.MAX_VALUE);
    }

    private static OptionalInt topLogprobs(Fields fields) {
        OptionalInt top = fields.integer("top_logprobs", 0, 20);
        boolean wanted = fields.flag("logprobs");
        fields.require(wanted || top.orElse(0) == 0, "top_logprobs", "needs logprobs to be true");
        return wanted ? OptionalInt.of(top.orElse(0)) : OptionalInt.empty();
    }

    private static List<String> stop(Fields fields) {
        JsonNode stop = fields.node("stop");
        if (stop.isNull()) {
            return List.of();
        }
        boolean several = stop.isArray() && stop.size() <= MOST_STOPS;
        fields.require(stop.isString() || several, "stop", "must be a string or up to 4 strings");
        var stops = new ArrayList<String>();
        for (JsonNode it : stop.isString() ? List.of(stop) : stop) {
            fields.require(it.isString(), "stop", "must be a string or up to 4 strings");
            // They are kept as long as the answer is written.
            fields.require(it.asString().length() <= LONGEST_STOP, "stop", "must be at most 1,000 characters each");
            stops.add(it.asString());
        }
        return stops;
    }

    private static Map<Integer, Double> logitBias(Fields fields) {
        JsonNode biases = fields.node("logit_bias");
        if (biases.isNull()) {
            return Map.of();
        }
        fields.require(biases.isObject(), "logit_bias", "must map token ids to numbers");
        fields.require(biases.size() <= MOST_BIASES, "logit_bias", "may name at most " + MOST_BIASES + " tokens");
        var result = new HashMap<Integer, Double>();
        for (var entry : biases.properties()) {
            String key = entry.getKey();
            fields.require(
                    key.matches("0|[1-9]\\d{0,8}"),
                    "logit_bias",
                    "must map token ids to numbers: \"" + shortened(key) + "\" is not a token id");
            JsonNode bias = entry.getValue();
            fields.require(
                    bias.isNumber() && Math.abs(bias.asDouble()) <= 100,
                    "logit_bias",
                    "must map token ids to numbers between -100 and 100: that of \"" + key + "\" is not");
            result.put(Integer.valueOf(entry.getKey()), entry.getValue().asDouble());
        }
        return result;
    }

    private static String shortened(String key) {
        return key.codePointCount(0, key.length()) <= LONGEST_KEY
                ? key
                : key.substring(0, key.offsetByCodePoints(0, LONGEST_KEY)) + "…";
    }
}
