/** The page at the root. */
@NullMarked
package io.github.describeanything.server.page;

import org.jspecify.annotations.NullMarked;
