/** What differs between model families: prompts, views of pictures, the vision graph. */
@NullMarked
package io.github.describeanything.model.family;

import org.jspecify.annotations.NullMarked;
