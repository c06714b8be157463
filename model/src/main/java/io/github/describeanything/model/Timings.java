package io.github.describeanything.model;

import java.time.Duration;

/**
 * Where the time of one generation went. Immutable.
 *
 * @param prepare decoding the pictures, cutting and resizing them, tokenising the prompt
 * @param queued waiting for a slot
 * @param encode the vision graph
 * @param prefill the decoder over the prompt
 * @param firstToken from the request's acceptance to its first token
 * @param total from the request's acceptance to its end
 */
public record Timings(
        Duration prepare, Duration queued, Duration encode, Duration prefill, Duration firstToken, Duration total) {}
