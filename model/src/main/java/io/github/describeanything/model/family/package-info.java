/** What differs between kinds of model: prompts, views of pictures, the vision graph. */
@NullMarked
package io.github.describeanything.model.family;

import org.jspecify.annotations.NullMarked;
