package io.github.describeanything.server.openai.responses;

import io.github.describeanything.model.api.SamplingParameter;
import io.github.describeanything.server.openai.CommandReader;
import io.github.describeanything.server.openai.Conversation;
import io.github.describeanything.server.openai.Fields;
import io.github.describeanything.server.openai.SamplingFields;
import io.github.describeanything.server.openai.WireReader;
import io.github.describeanything.server.openai.WireRequest;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/**
 * Reads requests to the Responses API. Thread-safe. Unknown fields are ignored; unsupported fields that would change the
 * answer are errors.
 */
public final class ResponsesReader implements WireReader {
    private static final String LOGPROBS = "message.output_text.logprobs";

    private final CommandReader commands;

    public ResponsesReader(CommandReader commands) {
        this.commands = commands;
    }

    @Override
    public WireRequest read(JsonNode body) {
        Fields fields = Fields.ofRequest(body);
        RefusedFields.refuse(fields);
        Conversation.Asked asked = InputItems.read(fields);
        OptionalInt maxTokens = SamplingFields.limit(fields, "max_output_tokens");
        OptionalInt topLogprobs = topLogprobs(fields);
        CommandReader.Result result = commands.read(fields, asked, maxTokens, topLogprobs, 1);
        var writer = new ResponseWriter(EchoedFields.of(fields), result.regionIds());
        return new WireRequest(result.command(), fields.flag("stream"), writer);
    }

    @Override
    public String field(String name) {
        return switch (name) {
            case "messages" -> "input";
            case "max_tokens" -> "max_output_tokens";
            default -> name;
        };
    }

    /** Clients request log-probabilities in {@code include}, in {@code top_logprobs}, or in both. */
    private static OptionalInt topLogprobs(Fields fields) {
        int top = fields.integer(SamplingParameter.TOP_LOGPROBS).orElse(0);
        JsonNode include = fields.node("include");
        fields.require(include.isNull() || include.isArray(), "include", "must be a list");
        boolean wanted = top > 0;
        for (JsonNode name : include) {
            fields.require(name.isString(), "include", "must be a list of strings");
            wanted |= name.asString().equals(LOGPROBS);
        }
        return wanted ? OptionalInt.of(top) : OptionalInt.empty();
    }
}
