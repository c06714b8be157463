/** Reads the exporter's output and checks it before anything is loaded. */
@NullMarked
package io.github.describeanything.model.bundle;

import org.jspecify.annotations.NullMarked;
