package io.github.describeanything.model;

/**
 * The engine's gauges and counters at one moment. Immutable.
 *
 * @param running sequences that have a slot
 * @param slots slots in total
 * @param admitted answers that hold a permit: being prepared, queued or running
 * @param permits permits in total
 * @param busySeconds time in which the engine's thread was busy: its runs and everything between them
 * @param decodeSteps decode runs so far
 * @param decodeSeconds time in decode runs so far
 * @param prefillSeconds time in prefill runs so far
 * @param generatedTokens tokens generated so far
 * @param featureHits requested regions whose features were cached or being computed
 * @param featureMisses requested regions that had to be encoded
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
