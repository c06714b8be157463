/** Pictures, masks and focal windows as values: pixels and boxes, and nothing of files, tensors, JSON or HTTP. */
@NullMarked
package io.github.describeanything.focal;

import org.jspecify.annotations.NullMarked;
