package io.github.describeanything.server.openai.responses;

import io.github.describeanything.model.api.FinishReason;
import io.github.describeanything.model.api.GenerationEvent;
import io.github.describeanything.model.api.TokenLogprob;
import io.github.describeanything.server.openai.LogprobsBody;
import io.github.describeanything.server.openai.RegionBody;
import io.github.describeanything.server.openai.WireId;
import io.github.describeanything.server.openai.responses.OutputMessage.OutputText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The answer for one region in progress. Used by one thread. */
final class OutputItem {
    static final String PREFIX = "msg_";

    private final String id = WireId.random(PREFIX);
    private final Optional<RegionBody> region;
    private final Optional<String> task;
    private final StringBuilder text = new StringBuilder();
    private final List<TokenLogprob> logprobs = new ArrayList<>();
    private Optional<GenerationEvent.Finished> end = Optional.empty();
    private int textWritten;
    private int logprobsWritten;

    OutputItem(Optional<RegionBody> region, Optional<String> task) {
        this.region = region;
        this.task = task;
    }

    void add(GenerationEvent.Delta delta) {
        text.append(delta.text());
        logprobs.addAll(delta.logprobs());
    }

    void finish(GenerationEvent.Finished how) {
        end = Optional.of(how);
    }

    String id() {
        return id;
    }

    Optional<GenerationEvent.Finished> end() {
        return end;
    }

    /** Whether the answer reached its token limit. */
    boolean cut() {
        return end.filter(it -> it.reason() == FinishReason.LENGTH).isPresent();
    }

    /** Before its first text. */
    OutputMessage opened() {
        return message("in_progress", List.of());
    }

    /** With the text so far. */
    OutputMessage message() {
        String status = end.isPresent() ? cut() ? "incomplete" : "completed" : "in_progress";
        return message(status, List.of(content()));
    }

    private OutputMessage message(String status, List<OutputText> content) {
        return new OutputMessage(id, "message", status, content, "assistant", region, task);
    }

    OutputText content() {
        return OutputText.of(text.toString(), LogprobsBody.tokens(logprobs));
    }

    boolean hasMore() {
        return textWritten < text.length() || logprobsWritten < logprobs.size();
    }

    /** The text since the last call. */
    OutputText more() {
        var more = OutputText.of(
                text.substring(textWritten), LogprobsBody.tokens(logprobs.subList(logprobsWritten, logprobs.size())));
        textWritten = text.length();
        logprobsWritten = logprobs.size();
        return more;
    }
}
