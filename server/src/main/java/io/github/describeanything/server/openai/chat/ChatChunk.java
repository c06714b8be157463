package io.github.describeanything.server.openai.chat;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.describeanything.server.openai.LogprobsBody;
import io.github.describeanything.server.openai.RegionBody;
import io.github.describeanything.server.openai.UsageBody;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A chunk of a streamed chat completion. Immutable. Empty fields are omitted, except the finish reason and, if
 * requested, the usage: both are null until they are known.
 *
 * @param usage absent, null or a {@link UsageBody}
 */
record ChatChunk(String id, String object, long created, String model, List<Choice> choices, Optional<JsonNode> usage) {

    static final String OBJECT = "chat.completion.chunk";

    /**
     * The news of one choice.
     *
     * @param region its region, if the request has regions; in the choice's first chunk only
     * @param task its task, if the request names tasks; in the choice's first chunk only
     * @param delta a {@link Delta}, or a {@link PartsDelta} for clients of the published server
     * @param finishReason null before the last chunk; clients detect the last one by it, and some fail if it is missing
     */
    record Choice(
            int index,
            Optional<RegionBody> region,
            Optional<String> task,
            Object delta,
            Optional<LogprobsBody> logprobs,
            @JsonInclude(JsonInclude.Include.ALWAYS) Optional<String> finishReason) {}

    /** New text; the first of a choice carries the role. */
    record Delta(Optional<String> role, Optional<String> content) {}

    /** A list of parts, as the published server's clients expect. */
    record PartsDelta(Optional<String> role, Optional<List<Part>> content) {}

    /** A text part. */
    record Part(String type, String text) {}
}
