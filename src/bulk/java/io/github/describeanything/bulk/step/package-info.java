/** What a job does with a row. */
@NullMarked
package io.github.describeanything.bulk.step;

import org.jspecify.annotations.NullMarked;
