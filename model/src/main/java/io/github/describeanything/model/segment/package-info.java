/** Segment Anything 2.1: pictures and prompts to masks. */
@NullMarked
package io.github.describeanything.model.segment;

import org.jspecify.annotations.NullMarked;
