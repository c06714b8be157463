package io.github.describeanything.model.api;

import java.util.List;

/** An event of a running generation: any number of deltas, then exactly one of the others. Immutable. */
public sealed interface GenerationEvent {

    /**
     * More text. It never ends inside a character and never shows a part of a stop string.
     *
     * @param text continues the text so far; empty only if there are log-probabilities to report
     * @param logprobs the tokens behind this text; empty unless the request asked for them
     */
    record Delta(String text, List<TokenLogprob> logprobs) implements GenerationEvent {
        public Delta {
            logprobs = List.copyOf(logprobs);
        }
    }

    /** The answer is complete. The last event. */
    record Finished(FinishReason reason, Usage usage, Timings timings) implements GenerationEvent {}

    /** The generation failed. The last event. */
    record Failed(ModelException cause) implements GenerationEvent {}

    /** The generation was cancelled through {@link Generation#cancel}. The last event. */
    record Cancelled() implements GenerationEvent {}
}
