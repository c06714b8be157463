/** Operations: API keys, readiness, metrics, logs. */
@NullMarked
package io.github.describeanything.server.operations;

import org.jspecify.annotations.NullMarked;
