/** Threads that own a device: what runs next, what it costs, and what happens when it fails. */
@NullMarked
package io.github.describeanything.model.lane;

import org.jspecify.annotations.NullMarked;
