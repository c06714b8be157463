package io.github.describeanything.server.openai.chat;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.describeanything.server.openai.LogprobsBody;
import io.github.describeanything.server.openai.RegionBody;
import io.github.describeanything.server.openai.UsageBody;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A part of an answer on its way. Immutable. Empty fields are omitted, except the reason to finish and, once usage was
 * asked for, the usage: both are null until there is one.
 *
 * @param usage absent, null or a {@link UsageBody}
 */
record ChatChunk(String id, String object, long created, String model, List<Choice> choices, Optional<JsonNode> usage) {

    static final String OBJECT = "chat.completion.chunk";

    /**
     * What is new of one answer.
     *
     * @param region what it is about, where the request named regions; with the choice's first chunk only
     * @param delta a {@link Delta}, or a {@link PartsDelta} for clients of the published server
     * @param finishReason null until the last, as clients tell the last one by that; some fail where it is left out
     */
    record Choice(
            int index,
            Optional<RegionBody> region,
            Object delta,
            Optional<LogprobsBody> logprobs,
            @JsonInclude(JsonInclude.Include.ALWAYS) Optional<String> finishReason) {}

    /** New text; the first of a choice carries the role. */
    record Delta(Optional<String> role, Optional<String> content) {}

    /** The same as the published server's own clients read it: a list of parts. */
    record PartsDelta(Optional<String> role, Optional<List<Part>> content) {}

    /** A part of text. */
    record Part(String type, String text) {}
}
