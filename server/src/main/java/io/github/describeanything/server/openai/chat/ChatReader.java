package io.github.describeanything.server.openai.chat;

import io.github.describeanything.model.api.SamplingParameter;
import io.github.describeanything.server.openai.CommandReader;
import io.github.describeanything.server.openai.Conversation;
import io.github.describeanything.server.openai.Fields;
import io.github.describeanything.server.openai.SamplingFields;
import io.github.describeanything.server.openai.UnsupportedFields;
import io.github.describeanything.server.openai.WireReader;
import io.github.describeanything.server.openai.WireRequest;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/**
 * Reads chat completion requests. Thread-safe. Unknown fields are ignored, because clients send many; unsupported
 * fields that would change the answer are errors.
 */
public final class ChatReader implements WireReader {
    private final int mostAnswers;
    private final CommandReader commands;
    private final boolean listDeltas;

    /**
     * @param mostAnswers maximum answers per request
     * @param listDeltas whether streamed deltas are lists of parts, as the published server's clients expect
     */
    public ChatReader(int mostAnswers, CommandReader commands, boolean listDeltas) {
        this.mostAnswers = mostAnswers;
        this.commands = commands;
        this.listDeltas = listDeltas;
    }

    @Override
    public WireRequest read(JsonNode body) {
        Fields fields = Fields.ofRequest(body);
        UnsupportedFields.refuse(fields, "max_output_tokens");
        Conversation.Asked asked = Messages.read(fields.node("messages"));
        OptionalInt topLogprobs = topLogprobs(fields);
        int n = fields.integer("n", 1, mostAnswers).orElse(1);
        CommandReader.Result result = commands.read(fields, asked, maxTokens(fields), topLogprobs, n);
        var writer = new ChatWriter(topLogprobs.isPresent(), includeUsage(fields), listDeltas, result.regionIds());
        return new WireRequest(result.command(), fields.flag("stream"), writer);
    }

    private static boolean includeUsage(Fields fields) {
        JsonNode options = fields.node("stream_options");
        fields.require(options.isNull() || options.isObject(), "stream_options", "must be an object");
        fields.require(options.isNull() || fields.flag("stream"), "stream_options", "needs stream to be true");
        return options.isObject() && new Fields(options, "stream_options.").flag("include_usage");
    }

    private static OptionalInt maxTokens(Fields fields) {
        OptionalInt newer = SamplingFields.limit(fields, "max_completion_tokens");
        OptionalInt older = SamplingFields.limit(fields, "max_tokens");
        return newer.isPresent() ? newer : older;
    }

    private static OptionalInt topLogprobs(Fields fields) {
        OptionalInt top = fields.integer(SamplingParameter.TOP_LOGPROBS);
        boolean wanted = fields.flag("logprobs");
        fields.require(wanted || top.orElse(0) == 0, "top_logprobs", "needs logprobs to be true");
        return wanted ? OptionalInt.of(top.orElse(0)) : OptionalInt.empty();
    }
}
