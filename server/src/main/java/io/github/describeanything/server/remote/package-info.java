/** Pictures from other hosts, fetched only from those that were named, and only from public addresses. */
@NullMarked
package io.github.describeanything.server.remote;

import org.jspecify.annotations.NullMarked;
