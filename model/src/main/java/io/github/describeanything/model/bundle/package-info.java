/** What the exporter wrote, read and checked. */
@NullMarked
package io.github.describeanything.model.bundle;

import org.jspecify.annotations.NullMarked;
