package io.github.describeanything.bulk.row;

/**
 * Why a row has no answer. Immutable.
 *
 * @param code for programs, such as {@code missing_image}
 * @param message for people
 */
public record Problem(String code, String message) {}
