package io.github.describeanything.model;

/**
 * What the model is doing now and has done so far. Immutable.
 *
 * @param running sequences that have a slot
 * @param slots sequences that may have one
 * @param accepted requests under way, those that wait or are being prepared included
 * @param places requests that may be under way at once
 * @param busySeconds time in which the engine's thread had something to do: its runs, and all between them
 * @param decodeSteps decode runs so far
 * @param decodeSeconds time in decode runs so far
 * @param prefillSeconds time in prefill runs so far
 * @param generatedTokens tokens chosen so far
 * @param regionHits regions that were known or under way already when asked for
 * @param regionMisses regions that had to be encoded
 */
public record Load(
        long running,
        long slots,
        long accepted,
        long places,
        double busySeconds,
        long decodeSteps,
        double decodeSeconds,
        double prefillSeconds,
        long generatedTokens,
        long regionHits,
        long regionMisses) {}
