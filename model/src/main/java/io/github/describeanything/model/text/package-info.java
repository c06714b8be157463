/** Text to tokens and tokens to text. */
@NullMarked
package io.github.describeanything.model.text;

import org.jspecify.annotations.NullMarked;
