package io.github.describeanything.model;

import java.util.List;

/** What a running generation tells its reader, in order: any number of deltas, then one end. Immutable. */
public sealed interface GenerationEvent {

    /**
     * More text. Never ends inside a character, never shows a part of a stop string.
     *
     * @param text what follows the text so far; empty only where there are log-probabilities to tell
     * @param logprobs the tokens behind this text, if they were asked for
     */
    record Delta(String text, List<TokenLogprob> logprobs) implements GenerationEvent {
        public Delta {
            logprobs = List.copyOf(logprobs);
        }
    }

    /** The generation ended by itself. Nothing follows. */
    record Finished(FinishReason reason, Usage usage, Timings timings) implements GenerationEvent {}

    /** The generation broke off through no fault of the request. Nothing follows. */
    record Failed(ModelException cause) implements GenerationEvent {}

    /** The generation was cancelled by its reader or by the model's closing. Nothing follows. */
    record Cancelled() implements GenerationEvent {}
}
