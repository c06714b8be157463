/** Continuous batching: requests become sequences, sequences become events. */
@NullMarked
package io.github.describeanything.model.engine;

import org.jspecify.annotations.NullMarked;
