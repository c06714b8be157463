/** Tokenizer, detokenizer, prompts, stop strings. */
@NullMarked
package io.github.describeanything.model.text;

import org.jspecify.annotations.NullMarked;
