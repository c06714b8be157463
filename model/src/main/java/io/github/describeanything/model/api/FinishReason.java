package io.github.describeanything.model.api;

/** Why a generation finished. */
public enum FinishReason {
    /** The model generated its end token, or a stop string appeared. */
    STOP,
    /** The token limit or the end of the context was reached. */
    LENGTH
}
