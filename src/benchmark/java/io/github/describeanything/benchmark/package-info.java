/** Measurements: the engine's stages on a bundle, and small paths under JMH. Neither shipped nor tested. */
package io.github.describeanything.benchmark;
