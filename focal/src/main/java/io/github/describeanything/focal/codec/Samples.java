package io.github.describeanything.focal.codec;

/** What is wanted of a picture's samples; immutable and thread-safe. */
enum Samples {
    /** Colours of 8 bits: the high byte of 16, and less stretched to 0..255. */
    COLOURS,
    /** 255 for every sample above 0, and for every palette entry but the first: what a mask picture says. */
    PRESENCE
}
