/** Regions given by geometry, turned into masks. */
@NullMarked
package io.github.describeanything.focal.region;

import org.jspecify.annotations.NullMarked;
