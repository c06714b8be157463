package io.github.describeanything.model;

/** Why a generation ended by itself. */
public enum FinishReason {
    /** The model wrote its end token, or a stop string came up. */
    STOP,
    /** The token limit or the end of the context was reached. */
    LENGTH
}
