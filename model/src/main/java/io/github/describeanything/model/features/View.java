package io.github.describeanything.model.features;

/**
 * What a vision graph sees of one picture under one mask. Immutable: do not change {@code values}.
 *
 * @param values in the shape that the model family defines, row-major
 */
public record View(float[] values) {}
