package io.github.describeanything.model.api;

/** Why a generation finished. */
public enum FinishReason {
    /** The end token was generated, or a stop string appeared. */
    STOP,
    /** The token limit or the end of the context was reached. */
    LENGTH
}
