/** Rows of a bulk job: a region of a picture, by its id. */
@NullMarked
package io.github.describeanything.bulk.row;

import org.jspecify.annotations.NullMarked;
