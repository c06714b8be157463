/** The model's API: requests, events, sampling, usage, errors. */
@NullMarked
package io.github.describeanything.model.api;

import org.jspecify.annotations.NullMarked;
