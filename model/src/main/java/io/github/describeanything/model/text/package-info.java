/** Prompts and token ids, in and out. */
@NullMarked
package io.github.describeanything.model.text;

import org.jspecify.annotations.NullMarked;
