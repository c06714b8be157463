/** Pictures, masks and focal windows as values. Knows nothing of files, tensors, JSON or HTTP. */
@NullMarked
package io.github.describeanything.focal;

import org.jspecify.annotations.NullMarked;
