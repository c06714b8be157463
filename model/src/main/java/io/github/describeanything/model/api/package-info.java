/** What a program asks of the model and reads from it: requests, events, sampling, usage, errors. */
@NullMarked
package io.github.describeanything.model.api;

import org.jspecify.annotations.NullMarked;
