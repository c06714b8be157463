/** Writes finished rows in other formats. */
@NullMarked
package io.github.describeanything.bulk.output;

import org.jspecify.annotations.NullMarked;
