/** The decoder step, and sampling from its logits. */
@NullMarked
package io.github.describeanything.model.decode;

import org.jspecify.annotations.NullMarked;
