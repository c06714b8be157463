package io.github.describeanything.model.api;

import java.time.Duration;

/**
 * How long the stages of one generation took. Immutable.
 *
 * @param prepare from the reservation until the pictures and the prompt were ready: decoding, resizing, tokenising
 * @param queued waiting for a slot
 * @param encode the vision graph; zero if the features were cached
 * @param prefill the decoder over the prompt
 * @param firstToken from the reservation to the first token
 * @param total from the reservation to the last token
 */
public record Timings(
        Duration prepare, Duration queued, Duration encode, Duration prefill, Duration firstToken, Duration total) {}
