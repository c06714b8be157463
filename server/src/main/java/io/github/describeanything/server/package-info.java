/** The program: options, the HTTP server, routes. */
@NullMarked
package io.github.describeanything.server;

import org.jspecify.annotations.NullMarked;
