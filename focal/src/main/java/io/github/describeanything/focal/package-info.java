/** Pictures, masks and focal windows: pixels and boxes, and nothing of tensors, JSON or HTTP. */
@NullMarked
package io.github.describeanything.focal;

import org.jspecify.annotations.NullMarked;
