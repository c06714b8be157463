/** The program: options, the model, the HTTP server. */
@NullMarked
package io.github.describeanything.server;

import org.jspecify.annotations.NullMarked;
