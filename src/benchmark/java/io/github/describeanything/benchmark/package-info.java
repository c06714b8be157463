/** Measurements: the engine's stages on a bundle, and small paths under JMH. Nothing of it is shipped or tested. */
package io.github.describeanything.benchmark;
