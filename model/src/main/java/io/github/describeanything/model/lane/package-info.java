/** Threads that own a device: scheduling between sources, cost measurement, recovery from failures. */
@NullMarked
package io.github.describeanything.model.lane;

import org.jspecify.annotations.NullMarked;
