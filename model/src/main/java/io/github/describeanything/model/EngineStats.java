package io.github.describeanything.model;

/**
 * What the model is doing now and has done so far. Immutable.
 *
 * @param running sequences that have a slot
 * @param slots sequences that can have one at once
 * @param admitted answers under way, those waiting or being prepared included
 * @param permits answers that may be under way at once
 * @param busySeconds time in which the engine's thread had work: its runs and everything between them
 * @param decodeSteps decode runs so far
 * @param decodeSeconds time in decode runs so far
 * @param prefillSeconds time in prefill runs so far
 * @param generatedTokens tokens generated so far
 * @param featureHits regions whose features were cached or being computed when asked for
 * @param featureMisses regions that had to be encoded
 */
public record EngineStats(
        long running,
        long slots,
        long admitted,
        long permits,
        double busySeconds,
        long decodeSteps,
        double decodeSeconds,
        double prefillSeconds,
        long generatedTokens,
        long featureHits,
        long featureMisses) {}
