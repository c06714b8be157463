/** What those who run the server need: keys, health, metrics, logs. */
@NullMarked
package io.github.describeanything.server.operations;

import org.jspecify.annotations.NullMarked;
