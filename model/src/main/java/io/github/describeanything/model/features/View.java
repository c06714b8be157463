package io.github.describeanything.model.features;

/**
 * The vision graph's input for one picture under one mask. Immutable: do not change {@code values}.
 *
 * @param values row-major, in the shape that the model family defines
 */
public record View(float[] values) {}
