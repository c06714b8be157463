/** HTTP: request bodies, server-sent events, disconnects, limits, error responses. */
@NullMarked
package io.github.describeanything.server.http;

import org.jspecify.annotations.NullMarked;
