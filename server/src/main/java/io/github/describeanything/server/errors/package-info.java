/** Errors in the form that OpenAI clients expect. */
@NullMarked
package io.github.describeanything.server.errors;

import org.jspecify.annotations.NullMarked;
