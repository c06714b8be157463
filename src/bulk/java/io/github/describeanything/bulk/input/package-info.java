/** Reads datasets as rows, in several formats. */
@NullMarked
package io.github.describeanything.bulk.input;

import org.jspecify.annotations.NullMarked;
