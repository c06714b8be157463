package io.github.describeanything.focal.codec;

/** How a decoder converts samples; immutable and thread-safe. */
enum Samples {
    /** 8-bit colours: 16 bits are cut to their high byte, fewer than 8 are scaled to 0..255. */
    COLOURS,
    /** For masks: 255 for every sample above 0, and for every palette entry but the first. */
    PRESENCE
}
