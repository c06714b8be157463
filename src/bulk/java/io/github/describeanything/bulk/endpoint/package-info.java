/** Asks a model: in this process, or behind HTTP. */
@NullMarked
package io.github.describeanything.bulk.endpoint;

import org.jspecify.annotations.NullMarked;
