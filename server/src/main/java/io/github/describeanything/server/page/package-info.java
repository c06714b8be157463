/** The web page. */
@NullMarked
package io.github.describeanything.server.page;

import org.jspecify.annotations.NullMarked;
