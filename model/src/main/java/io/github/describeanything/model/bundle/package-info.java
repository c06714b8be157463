/** The exporter's output: read, and checked before anything is loaded. */
@NullMarked
package io.github.describeanything.model.bundle;

import org.jspecify.annotations.NullMarked;
