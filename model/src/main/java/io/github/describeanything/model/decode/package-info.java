/** One step of the decoder, and the choice of a token from its logits. */
@NullMarked
package io.github.describeanything.model.decode;

import org.jspecify.annotations.NullMarked;
